/** The live path: one consumer per reply partition hands each waiting request its records. */
@NullMarked
package dev.tokenbus.ingress.replies.live;

import org.jspecify.annotations.NullMarked;
