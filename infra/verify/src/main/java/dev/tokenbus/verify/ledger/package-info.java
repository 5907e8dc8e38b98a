/**
 * The pure part of verification: collects what records and rows say about each request and compares
 * them. It knows neither Kafka nor PostgreSQL.
 */
@NullMarked
package dev.tokenbus.verify.ledger;

import org.jspecify.annotations.NullMarked;
