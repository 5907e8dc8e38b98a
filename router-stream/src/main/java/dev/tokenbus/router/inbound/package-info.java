/** What the router reads: requests by their headers, and reports of workers. */
@NullMarked
package dev.tokenbus.router.inbound;

import org.jspecify.annotations.NullMarked;
