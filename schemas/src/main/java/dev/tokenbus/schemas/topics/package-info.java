/** The topics, their settings and their provisioning. */
@NullMarked
package dev.tokenbus.schemas.topics;

import org.jspecify.annotations.NullMarked;
