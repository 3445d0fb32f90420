/** The real outside: network, and what else the World is made of when it is no simulation. */
@NullMarked
package org.hikyaku.real;

import org.jspecify.annotations.NullMarked;
