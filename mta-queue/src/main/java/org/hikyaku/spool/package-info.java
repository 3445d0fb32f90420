@NullMarked
package org.hikyaku.spool;

import org.jspecify.annotations.NullMarked;
