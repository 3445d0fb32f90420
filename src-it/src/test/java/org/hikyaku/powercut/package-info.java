/** Power cuts of the real server: its system calls are recorded, and every disk that a cut may leave is opened. */
@NullMarked
package org.hikyaku.powercut;

import org.jspecify.annotations.NullMarked;
