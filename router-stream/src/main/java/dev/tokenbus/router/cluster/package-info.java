/**
 * What the router knows of its surroundings: workers by their heartbeats, work topics, catalogue.
 */
@NullMarked
package dev.tokenbus.router.cluster;

import org.jspecify.annotations.NullMarked;
