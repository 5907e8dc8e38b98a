/** The Streams application that writes one usage record per request. */
@NullMarked
package dev.tokenbus.router.metering;

import org.jspecify.annotations.NullMarked;
