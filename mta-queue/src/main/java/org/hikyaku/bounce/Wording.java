package org.hikyaku.bounce;

/**
 * THE table of what each kind of notice says of itself, to people and to programs.
 *
 * @param introduction {@code {whom}}, {@code {age}} and {@code {until}} are filled in
 * @param action RFC 3464 2.3.3
 * @param status where the last attempt gave none
 */
record Wording(String subject, String introduction, String action, String status) {
    private static final Wording FAILED = new Wording(
            "Not delivered",
            "Your message could not be delivered to the {whom} below. It will not be tried again.",
            "failed",
            "5.0.0");
    private static final Wording DELAYED = new Wording(
            "Delayed",
            "Your message has not yet been delivered to the {whom} below, for {age} now. You need not do anything: we go"
                    + " on trying{until}, and tell you if it fails for good.",
            "delayed",
            "4.0.0");
    private static final Wording DELIVERED = new Wording(
            "Delivered",
            "Your message has been delivered to the {whom} below. You asked to be told.",
            "delivered",
            "2.0.0");
    private static final Wording RELAYED = new Wording(
            "Handed on",
            "Your message has been handed on for the {whom} below to a mail system that does not tell of deliveries. You"
                    + " asked to be told; unless it fails there, you may hear no more of it.",
            "relayed",
            "2.0.0");
    private static final Wording EXPANDED = new Wording(
            "Sent on",
            "Behind the {whom} below stand several, to which your message goes now. You asked to be told; of each of them you"
                    + " hear only when it fails.",
            "expanded",
            "2.0.0");

    static Wording of(Report.Kind kind) {
        return switch (kind) {
            case FAILED -> FAILED;
            case DELAYED -> DELAYED;
            case DELIVERED -> DELIVERED;
            case RELAYED -> RELAYED;
            case EXPANDED -> EXPANDED;
        };
    }
}
