/**
 * Moves the router's state from one application id to another, which every change of its topology
 * needs: from the release before, or through a file.
 */
@NullMarked
package dev.tokenbus.router.transfer;

import org.jspecify.annotations.NullMarked;
