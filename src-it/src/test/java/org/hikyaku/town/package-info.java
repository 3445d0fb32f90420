/**
 * The town: a whole Hikyaku in the simulated outside, with clients that send, destinations that misbehave, crashes, and a
 * ledger that holds every promise against what happened. One seed is one town and one history.
 */
@NullMarked
package org.hikyaku.town;

import org.jspecify.annotations.NullMarked;
