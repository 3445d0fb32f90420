package org.hikyaku.queue;

import java.util.Locale;
import org.hikyaku.mail.Address;
import org.hikyaku.spool.StoredMessage;

/**
 * Whom a message counts for when senders take turns: the login that sent it, else the sender's address without its tag
 * (what follows +, = or -) and without digits, so that a list that writes each recipient into its sender's address is
 * one sender. Kept as a number of 32 bits, salted, so that nobody can choose an address that counts with another's.
 *
 * @param number of sender and priority in one: a sender's bulk does not delay what he writes himself
 */
record Sender(int number, Priority priority) {
    private static final long MIX = 0x9E3779B97F4A7C15L;

    static Sender of(StoredMessage message, long salt) {
        Priority priority = Priority.of(message.envelope());
        String user = message.origin().user();
        String name = user.isEmpty() ? name(message.envelope().sender()) : "=" + user;
        long hash = salt ^ priority.cost;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * MIX;
            hash ^= hash >>> 29;
        }
        return new Sender((int) ((hash * MIX) >>> 32), priority);
    }

    private static String name(Address sender) {
        if (sender.isNull()) {
            return "";
        }
        String local = sender.local().toLowerCase(Locale.ROOT);
        StringBuilder name = new StringBuilder(local.length() + 32);
        for (int i = 0; i < local.length() && (i == 0 || "+=-".indexOf(local.charAt(i)) < 0); i++) {
            if (local.charAt(i) < '0' || local.charAt(i) > '9') {
                name.append(local.charAt(i));
            }
        }
        return name.append('@')
                .append(sender.domain().map(domain -> domain.ascii()).orElse(""))
                .toString();
    }
}
