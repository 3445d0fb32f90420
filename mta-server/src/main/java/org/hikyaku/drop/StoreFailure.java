package org.hikyaku.drop;

import java.io.IOException;

/** The spool takes no message now. */
final class StoreFailure extends IOException {
    private static final long serialVersionUID = 1;

    StoreFailure(String why) {
        super(why);
    }
}
