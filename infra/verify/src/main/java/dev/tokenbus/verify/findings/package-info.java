/** What a verification found: counts, differences, and their JSON form. */
@NullMarked
package dev.tokenbus.verify.findings;

import org.jspecify.annotations.NullMarked;
