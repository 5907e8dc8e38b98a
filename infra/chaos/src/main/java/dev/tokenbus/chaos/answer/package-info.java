/**
 * Judges answers that nobody could foresee: by what the provider said in each call, and by what was
 * billed.
 */
@NullMarked
package dev.tokenbus.chaos.answer;

import org.jspecify.annotations.NullMarked;
