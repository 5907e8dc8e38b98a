/**
 * OpenAI's Chat Completions: client JSON to the canonical request, visible replies to chunks and
 * completions.
 */
@NullMarked
package dev.tokenbus.ingress.protocol.openai.chat;

import org.jspecify.annotations.NullMarked;
