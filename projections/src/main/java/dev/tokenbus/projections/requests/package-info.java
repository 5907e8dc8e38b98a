/**
 * Topics {@code requests} and {@code outcomes} to table {@code requests}: the life of each request.
 */
@NullMarked
package dev.tokenbus.projections.requests;

import org.jspecify.annotations.NullMarked;
