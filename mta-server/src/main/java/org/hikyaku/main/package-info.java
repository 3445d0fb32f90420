/** The only graph of {@code new}, and the commands of {@code hikyaku}. */
@NullMarked
package org.hikyaku.main;

import org.jspecify.annotations.NullMarked;
