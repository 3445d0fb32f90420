@NullMarked
package org.hikyaku.mail;

import org.jspecify.annotations.NullMarked;
