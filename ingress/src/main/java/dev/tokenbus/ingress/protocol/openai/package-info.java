/**
 * What OpenAI's APIs have in common: reading JSON without a tree, the words for bad requests, the
 * error object.
 */
@NullMarked
package dev.tokenbus.ingress.protocol.openai;

import org.jspecify.annotations.NullMarked;
