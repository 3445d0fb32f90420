/** The real process, killed in mid-load and started again, until chance has had its say. */
@NullMarked
package org.hikyaku.kill;

import org.jspecify.annotations.NullMarked;
