package dev.tokenbus.workers.provider;

import dev.tokenbus.schemas.avro.ChatRequest;

/**
 * What to ask a provider.
 *
 * @param requestId of the request of ours that the call serves
 * @param model as the provider knows it
 * @param body in the canonical form; its own {@code model} is the name that the client used, and is
 *     not sent
 * @param formatLevel the level up to which the answer's deltas may use the canonical form's
 *     branches
 */
public record ProviderRequest(String requestId, String model, ChatRequest body, int formatLevel) {}
