/** What providers over HTTP have in common: connection, body, server-sent events, errors. */
@NullMarked
package dev.tokenbus.workers.provider.http;

import org.jspecify.annotations.NullMarked;
