@NullMarked
package org.hikyaku.bounce;

import org.jspecify.annotations.NullMarked;
