@NullMarked
package org.hikyaku.sasl;

import org.jspecify.annotations.NullMarked;
