@NullMarked
package org.hikyaku.table;

import org.jspecify.annotations.NullMarked;
