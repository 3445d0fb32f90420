package org.hikyaku.bounce;

/**
 * A notice, ready to be sent.
 *
 * @param octets header and body, CRLF
 * @param needs8Bit it holds octets over 127
 * @param needsUtf8 its own header does
 */
public record Dsn(byte[] octets, boolean needs8Bit, boolean needsUtf8) {}
