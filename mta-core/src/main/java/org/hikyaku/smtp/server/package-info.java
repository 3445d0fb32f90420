@NullMarked
package org.hikyaku.smtp.server;

import org.jspecify.annotations.NullMarked;
