/** What operators do with many messages at once: the query language, operations that can be undone, trash, freezes, export. */
@NullMarked
package org.hikyaku.operate;

import org.jspecify.annotations.NullMarked;
