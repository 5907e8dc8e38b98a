package dev.tokenbus.router.lifecycle;

/** An idempotency key, in the scope of one tenant. */
public record IdempotencyKey(String tenant, String key) {}
