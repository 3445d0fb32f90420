/** The client's side of SMTP and LMTP: a machine without I/O. */
@NullMarked
package org.hikyaku.smtp.client;

import org.jspecify.annotations.NullMarked;
