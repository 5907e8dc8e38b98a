/** What keeps one home to one process, and its ports the same over restarts. */
@NullMarked
package dev.tokenbus.embedded.home;

import org.jspecify.annotations.NullMarked;
