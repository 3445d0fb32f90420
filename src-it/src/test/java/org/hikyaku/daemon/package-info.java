/** The built server as a process, and clients that load it: for all tests that kill it. */
@NullMarked
package org.hikyaku.daemon;

import org.jspecify.annotations.NullMarked;
