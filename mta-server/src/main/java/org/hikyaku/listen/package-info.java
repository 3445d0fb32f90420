@NullMarked
package org.hikyaku.listen;

import org.jspecify.annotations.NullMarked;
