@NullMarked
package org.hikyaku.world;

import org.jspecify.annotations.NullMarked;
