package org.hikyaku.route;

import org.hikyaku.mail.Address;

/**
 * A message for one recipient, whose way is asked.
 *
 * @param tried an attempt was made for him: what a rule has held once is not held again when an operator has released it
 */
public record Asked(Mail mail, Address recipient, boolean tried) {}
