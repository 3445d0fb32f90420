package org.hikyaku.route;

import org.hikyaku.mail.Address;

/**
 * What the rules of routes may ask of a message.
 *
 * @param id its number in the spool: what is chosen by it stays the same at each attempt
 * @param user who sent it, logged in; or empty
 * @param client the address that it came from, or empty
 * @param listener by which it came, or empty
 * @param head its header, read only if a rule asks for it
 */
public record Mail(long id, Address sender, String user, String client, String listener, long size, Head head) {}
