package dev.tokenbus.runtime.kafka.scan;

/**
 * What a scan has read.
 *
 * @param from offset at which it began
 * @param to offset up to which nothing it wants is left out, itself excluded
 */
public record ScanRange(long from, long to) {}
