@NullMarked
package org.hikyaku.queue;

import org.jspecify.annotations.NullMarked;
