/** Mail of programs of this host, by whichever way it comes: whom its user may send as, what is left out and added. */
@NullMarked
package org.hikyaku.hostmail;

import org.jspecify.annotations.NullMarked;
