/**
 * The reply log behind the live path: pages of one request's records, read by a bounded number of
 * consumers.
 */
@NullMarked
package dev.tokenbus.ingress.replies.log;

import org.jspecify.annotations.NullMarked;
