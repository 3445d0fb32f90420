package org.hikyaku.drop;

import java.io.IOException;

/** Who has left it sends too much for now. */
final class TooMuch extends IOException {
    private static final long serialVersionUID = 1;

    private final int uid;

    TooMuch(int uid, String why) {
        super(why);
        this.uid = uid;
    }

    int uid() {
        return uid;
    }
}
