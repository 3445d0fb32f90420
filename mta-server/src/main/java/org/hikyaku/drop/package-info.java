/** Mail that programs of this host have left in the drop directory: docs/sendmail.md. */
@NullMarked
package org.hikyaku.drop;

import org.jspecify.annotations.NullMarked;
