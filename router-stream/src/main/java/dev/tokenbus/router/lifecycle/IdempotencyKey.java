package dev.tokenbus.router.lifecycle;

/** An idempotency key: the word of one tenant's client for "this is the same request". */
public record IdempotencyKey(String tenant, String key) {}
