/** Two hundred receivers as they are in real life, in the simulated outside: how mail flows to all of them at once. */
@NullMarked
package org.hikyaku.scenario;

import org.jspecify.annotations.NullMarked;
