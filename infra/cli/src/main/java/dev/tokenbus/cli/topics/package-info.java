/** Reads how full the topics are and how far consumer groups lag behind. */
@NullMarked
package dev.tokenbus.cli.topics;

import org.jspecify.annotations.NullMarked;
