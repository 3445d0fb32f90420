@NullMarked
package org.hikyaku.route;

import org.jspecify.annotations.NullMarked;
