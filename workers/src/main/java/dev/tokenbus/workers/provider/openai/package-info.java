/** Any provider that speaks OpenAI's chat completions, streamed or not. */
@NullMarked
package dev.tokenbus.workers.provider.openai;

import org.jspecify.annotations.NullMarked;
