package org.hikyaku.spool;

import java.io.IOException;

/** Stored octets are not what was written: a wrong checksum, or a right one over what makes no sense. */
final class Damaged extends IOException {
    private static final long serialVersionUID = 1;

    Damaged(String why) {
        super(why);
    }
}
