/**
 * The clients of a chaos run: each sends one request at a time, resumes or repeats it when its
 * connection breaks, and compares the answer with the expected text.
 */
@NullMarked
package dev.tokenbus.chaos.client;

import org.jspecify.annotations.NullMarked;
