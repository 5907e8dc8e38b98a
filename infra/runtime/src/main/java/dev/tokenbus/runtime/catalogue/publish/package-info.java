/** How a catalogue is put on its topics. */
@NullMarked
package dev.tokenbus.runtime.catalogue.publish;

import org.jspecify.annotations.NullMarked;
