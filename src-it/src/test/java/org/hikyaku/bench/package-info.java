@NullMarked
package org.hikyaku.bench;

import org.jspecify.annotations.NullMarked;
