@NullMarked
package org.hikyaku.policy;

import org.jspecify.annotations.NullMarked;
