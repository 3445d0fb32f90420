package org.hikyaku.drop;

import java.io.IOException;

/** The host's list of users does not say now who has left it. */
final class NoAnswer extends IOException {
    private static final long serialVersionUID = 1;

    private final int uid;

    NoAnswer(int uid, String why) {
        super(why);
        this.uid = uid;
    }

    int uid() {
        return uid;
    }
}
