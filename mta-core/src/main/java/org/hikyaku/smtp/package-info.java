@NullMarked
package org.hikyaku.smtp;

import org.jspecify.annotations.NullMarked;
