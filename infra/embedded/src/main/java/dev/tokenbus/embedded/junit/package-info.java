/** Servers shared by all tests of a JVM. */
@NullMarked
package dev.tokenbus.embedded.junit;

import org.jspecify.annotations.NullMarked;
