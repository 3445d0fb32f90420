/**
 * The server as it is built, beside real peers: Postfix, Dovecot, BIND and the mail programs that people use, in network
 * namespaces of their own ({@code src-it/peers}). Profile {@code peers}; needs root.
 */
@NullMarked
package org.hikyaku.peers;

import org.jspecify.annotations.NullMarked;
