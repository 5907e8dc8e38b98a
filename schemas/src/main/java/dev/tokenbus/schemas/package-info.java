/** The contract between the apps: ids, error codes, topics, schemas and their serde. */
@NullMarked
package dev.tokenbus.schemas;

import org.jspecify.annotations.NullMarked;
