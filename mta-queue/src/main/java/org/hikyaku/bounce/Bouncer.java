package org.hikyaku.bounce;

import java.util.Locale;
import java.util.Optional;
import org.hikyaku.mail.Address;

/**
 * Whether a failure or a delay is told, and why not if not. Pure.
 *
 * <p>Every notice has the null sender and none is sent to it, so a notice never leads to a notice (RFC 5321 4.5.5,
 * 6.1).
 */
public final class Bouncer {
    private Bouncer() {}

    /**
     * Why the sender is not told of this; empty when he is.
     *
     * @param asked he asked to hear of it, which outweighs that he is a program (RFC 2852 4.1.3)
     * @param senderKnown false when the sender is in a domain of ours and nobody there: he would only bounce
     */
    public static Optional<String> silence(
            Report.Kind kind, boolean asked, Address sender, boolean senderKnown, Original original) {
        if (sender.isNull()) {
            return Optional.of("the sender is null");
        }
        if (sender.domain().isEmpty()) {
            return Optional.of("the sender has no domain");
        }
        if (!senderKnown) {
            return Optional.of("the sender is no address of ours");
        }
        return kind == Report.Kind.DELAYED && !asked && isFromMachine(original)
                ? Optional.of("a delay of automatic mail")
                : Optional.empty();
    }

    /** Mail that no person waits for: RFC 3834 2, and the older Precedence. */
    private static boolean isFromMachine(Original original) {
        boolean automatic = original.field("Auto-Submitted")
                .filter(v -> !v.toLowerCase(Locale.ROOT).startsWith("no"))
                .isPresent();
        boolean bulk = original.field("Precedence")
                .map(v -> v.toLowerCase(Locale.ROOT))
                .filter(v -> v.equals("bulk") || v.equals("junk") || v.equals("list"))
                .isPresent();
        return automatic || bulk;
    }
}
