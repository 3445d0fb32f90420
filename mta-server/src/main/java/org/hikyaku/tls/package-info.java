/** Our keys and certificates: reading, checking, choosing by name, and the first one, which we make ourselves. */
@NullMarked
package org.hikyaku.tls;

import org.jspecify.annotations.NullMarked;
