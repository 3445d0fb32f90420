package org.hikyaku.deliver;

import org.hikyaku.route.Hop;
import org.hikyaku.smtp.client.Trouble;

/** A host that could not be used, and why. */
record Fallen(Hop hop, Trouble why) {}
