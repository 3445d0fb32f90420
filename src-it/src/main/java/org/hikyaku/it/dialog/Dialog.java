package org.hikyaku.it.dialog;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A dialog with an SMTP server, one claim; the form is described in {@code src-it/dialogs/README.md}.
 *
 * @param name the claim
 * @param listener {@code mx}, {@code submission}, {@code submissions}...: which listener it is to be held with
 * @param needs what else the server must be or have
 * @param claim what it asks of any server, where it belongs to the conformance suite; without one it is about this server alone
 */
public record Dialog(String name, String listener, Set<String> needs, Optional<Claim> claim, List<Step> steps) {
    /** What an RFC asks. */
    public record Claim(Level level, String rfc, String section) {}

    /** How strongly it asks, in the words of RFC 2119. */
    public enum Level {
        MUST,
        SHOULD,
        MAY
    }

    /** One step, at a line of the file. */
    public sealed interface Step {
        int line();

        /** The client sends; {@code times} over, with {@code {n}} counted from 1. */
        record Say(int line, int times, boolean lineEnd, String text) implements Step {}

        /**
         * The server replies, {@code times} over.
         *
         * @param asked what is asked of any server
         * @param ours what this server promises, where that is more
         */
        record Expect(int line, int times, Answer asked, Answer ours) implements Step {}

        /** The client begins TLS. */
        record Secure(int line) implements Step {}

        /** The server closes. */
        record Closed(int line) implements Step {}

        /** The server says nothing for a while. */
        record Silence(int line) implements Step {}

        /** The client waits so many seconds; only where time is simulated, else the dialog is skipped by its needs. */
        record Wait(int line, int seconds) implements Step {}
    }
    /**
     * A reply that is right.
     *
     * @param code three letters, {@code x} for any digit; several with bars between
     * @param enhanced the same with dots, or empty for any or none
     * @param text regular expressions that must occur, or with {@code !} must not
     */
    public record Answer(String code, String enhanced, List<String> text) {}
}
