@NullMarked
package org.hikyaku.it.dialog;

import org.jspecify.annotations.NullMarked;
