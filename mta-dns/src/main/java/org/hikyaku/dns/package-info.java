@NullMarked
package org.hikyaku.dns;

import org.jspecify.annotations.NullMarked;
