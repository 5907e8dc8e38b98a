/** Every app over the embedded infrastructure in one process, and the command line. */
@NullMarked
package dev.tokenbus.local;

import org.jspecify.annotations.NullMarked;
