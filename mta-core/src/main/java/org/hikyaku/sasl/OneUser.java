package org.hikyaku.sasl;

import org.hikyaku.sasl.ServerMechanism.Step;

/** The end of an exchange that sends a password: one user, one question to the store, then it is over. */
final class OneUser {
    private String user = "";
    private boolean asked;
    private boolean over;

    boolean isOver() {
        return asked || over;
    }

    void named(String name) {
        user = name;
    }

    Step ask(byte[] password) {
        asked = true;
        return new Step.AskPassword(user, password);
    }

    Step checked(boolean right) {
        if (!asked || over) {
            return malformed("no password was asked");
        }
        over = true;
        return right ? new Step.Success(user) : refused("wrong credentials");
    }

    Step malformed(String why) {
        over = true;
        return new Step.Failure(true, user, why);
    }

    Step refused(String why) {
        over = true;
        return new Step.Failure(false, user, why);
    }
}
