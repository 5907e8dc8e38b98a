/** How an app's parts begin and end. */
@NullMarked
package dev.tokenbus.runtime.lifecycle;

import org.jspecify.annotations.NullMarked;
