@NullMarked
package org.hikyaku.check;

import org.jspecify.annotations.NullMarked;
