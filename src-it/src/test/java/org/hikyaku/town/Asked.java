package org.hikyaku.town;

import org.hikyaku.mail.Address;

/** What a letter asks for by extensions; all of it follows from its number, so that a judge can tell what is owed. */
final class Asked {
    private Asked() {}

    /** Whether it asks to come back when it was not delivered within some minutes (RFC 2852, mode R). */
    static boolean hasDeadline(int number) {
        return number % 16 == 5;
    }

    /** NOTIFY of each of its recipients; empty when it says none (RFC 3461 4.1). */
    static String notify(int number) {
        return switch (number % 11) {
            case 1, 6 -> "SUCCESS";
            case 2 -> "NEVER";
            case 3 -> "SUCCESS,FAILURE,DELAY";
            case 4 -> "FAILURE";
            default -> "";
        };
    }

    /** Whether its sender is to be told this of a recipient. */
    static boolean wants(int number, String action) {
        String notify = notify(number);
        return switch (action) {
            case "failed" -> notify.isEmpty() || notify.contains("FAILURE");
            case "delayed" -> notify.isEmpty() || notify.contains("DELAY");
            default -> notify.contains("SUCCESS");
        };
    }

    /** ENVID as its notices show it; empty for none. */
    static String envelopeId(int number) {
        return number % 2 == 1 ? "T+" + number : "";
    }

    /** Parameters of MAIL that any server of ours takes; {@code submitted}: of a user of ours, after TLS and login. */
    static String ofMail(int number, boolean submitted) {
        String envelopeId = envelopeId(number);
        return (hasDeadline(number) ? " BY=1200;R" : "")
                + (submitted && number % 4 == 1 ? " REQUIRETLS" : "")
                + (submitted && number % 5 == 2 ? " HOLDFOR=600" : "")
                + (number % 5 == 0 ? " RET=HDRS" : number % 5 == 1 ? " RET=FULL" : "")
                + (number % 7 == 3 ? " MT-PRIORITY=-" + (1 + number % 9) : "")
                + (envelopeId.isEmpty() ? "" : " ENVID=" + envelopeId.replace("+", "+2B"));
    }

    /** Parameters of RCPT. */
    static String ofRcpt(int number, Address recipient) {
        String notify = notify(number);
        boolean named = number % 3 == 1 && !recipient.isInternational();
        return (notify.isEmpty() ? "" : " NOTIFY=" + notify)
                + (named ? " ORCPT=rfc822;" + recipient.toString().replace("+", "+2B") : "");
    }
}
