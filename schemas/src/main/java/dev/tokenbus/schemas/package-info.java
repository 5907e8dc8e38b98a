/** The contract of the apps: Avro schemas, the topic catalogue and the serde. */
@NullMarked
package dev.tokenbus.schemas;

import org.jspecify.annotations.NullMarked;
