@NullMarked
package dev.tokenbus.workers.provider.http;

import org.jspecify.annotations.NullMarked;
