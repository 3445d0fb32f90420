/** How an operator reaches the running server: the control socket and what can be asked through it. */
@NullMarked
package org.hikyaku.admin;

import org.jspecify.annotations.NullMarked;
