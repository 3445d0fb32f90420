/** Delivery: claim, route, agent, settle. */
@NullMarked
package org.hikyaku.deliver;

import org.jspecify.annotations.NullMarked;
