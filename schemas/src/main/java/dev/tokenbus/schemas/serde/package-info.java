/** Avro in the Confluent wire format, against any registry with the Confluent REST API. */
@NullMarked
package dev.tokenbus.schemas.serde;

import org.jspecify.annotations.NullMarked;
