@NullMarked
package dev.tokenbus.workers.provider.openai;

import org.jspecify.annotations.NullMarked;
