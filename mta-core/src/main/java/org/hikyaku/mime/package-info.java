/** Streaming changes to a message on its way out: the only code whose output differs from the stored bytes. */
@NullMarked
package org.hikyaku.mime;

import org.jspecify.annotations.NullMarked;
