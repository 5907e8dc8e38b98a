/**
 * OpenAI's Chat Completions: client JSON to the canonical request, visible replies to chunks and
 * answers.
 */
@NullMarked
package dev.tokenbus.ingress.protocol.openai;

import org.jspecify.annotations.NullMarked;
