package dev.tokenbus.chaos.client;

/**
 * An event of a stream.
 *
 * @param id empty where it has none
 */
record SseEvent(String id, String data) {}
