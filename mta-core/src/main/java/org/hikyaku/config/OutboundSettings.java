package org.hikyaku.config;

/**
 * How much our own users may send; docs/abuse.md.
 *
 * @param user each who has logged in
 * @param local each user of this host, by sendmail
 * @param domain all of both together, by the domain of the sender
 */
public record OutboundSettings(Quota user, Quota local, Quota domain, Anomaly anomaly) {
    /** What may be sent within an hour; 0: any number. */
    public record Quota(
            @Range("0 to 10000000") int messagesPerHour,
            @Range("0 to 10000000") int recipientsPerHour,
            @Range("0 to 100000") int domainsPerHour) {

        /** Any number of that of which somebody may send more than is usual. */
        Quota without(Quota own, Quota usual) {
            return new Quota(
                    isLifted(own.messagesPerHour, usual.messagesPerHour) ? 0 : messagesPerHour,
                    isLifted(own.recipientsPerHour, usual.recipientsPerHour) ? 0 : recipientsPerHour,
                    isLifted(own.domainsPerHour, usual.domainsPerHour) ? 0 : domainsPerHour);
        }

        private static boolean isLifted(int own, int usual) {
            return usual > 0 && (own == 0 || own > usual);
        }
    }

    /**
     * What has a user's mail held, each within an hour; 0: nothing does.
     *
     * @param rejectedRecipients recipients refused here at RCPT; or those refused by receivers for good
     * @param rejectedShare and they must be this part of all at RCPT, or of all that receivers took or refused
     * @param domains domains that he sent to
     * @param refusals times that he was told that he sends too much
     */
    public record Anomaly(
            @Range("0 to 1000000") int rejectedRecipients,
            @Range("0 to 1") double rejectedShare,
            @Range("0 to 100000") int domains,
            @Range("0 to 1000000") int refusals) {}
}
