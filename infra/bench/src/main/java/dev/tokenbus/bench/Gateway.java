package dev.tokenbus.bench;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What is measured: a server that speaks OpenAI's wire format and forwards to the mock.
 *
 * @param base up to and with {@code /v1}
 * @param processes empty where it is not known what runs it; then CPU and memory are left out
 * @param home its data directory; empty where it is not on this machine
 */
record Gateway(
    URI base, Optional<String> key, Optional<ProcessTree> processes, Optional<Path> home) {}
