package org.hikyaku.route;

import org.hikyaku.mail.Address;

/**
 * A message for one recipient, whose way is asked.
 *
 * @param ruled a rule has held the message once: it is not held again when an operator has released it
 */
public record Asked(Mail mail, Address recipient, boolean ruled) {}
