/** The simulated World: tasks, clock, disk, network and DNS by seed. One seed is one history. */
@NullMarked
package org.hikyaku.sim;

import org.jspecify.annotations.NullMarked;
