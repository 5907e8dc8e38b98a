/**
 * Where the bodies of requests are read: in the dispatch, in the request's record or on their own
 * topic.
 */
@NullMarked
package dev.tokenbus.workers.body;

import org.jspecify.annotations.NullMarked;
