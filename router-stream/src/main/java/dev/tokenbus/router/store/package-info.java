/**
 * What a task keeps of its requests and idempotency keys, and how it is written to the changelog.
 */
@NullMarked
package dev.tokenbus.router.store;

import org.jspecify.annotations.NullMarked;
