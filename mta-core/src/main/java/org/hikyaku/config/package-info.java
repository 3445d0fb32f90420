@NullMarked
package org.hikyaku.config;

import org.jspecify.annotations.NullMarked;
