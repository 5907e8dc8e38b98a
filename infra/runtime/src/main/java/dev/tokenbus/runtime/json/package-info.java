/**
 * JSON that is read where it lies and passed on to the letter: no tree and no rewriting for what
 * nobody needs to understand.
 */
@NullMarked
package dev.tokenbus.runtime.json;

import org.jspecify.annotations.NullMarked;
