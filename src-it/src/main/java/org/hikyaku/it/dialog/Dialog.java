package org.hikyaku.it.dialog;

import java.util.List;
import java.util.Set;

/**
 * A dialog with an SMTP server, one claim; the form is described in {@code src-it/dialogs/README.md}.
 *
 * @param name the claim
 * @param listener {@code mx}, {@code submission}, {@code submissions}...: which listener it is to be held with
 * @param needs what else the server must be or have
 */
public record Dialog(String name, String listener, Set<String> needs, List<Step> steps) {
    /** One step, at a line of the file. */
    public sealed interface Step {
        int line();

        /** The client sends; {@code times} over, with {@code {n}} counted from 1. */
        record Say(int line, int times, boolean lineEnd, String text) implements Step {}

        /**
         * The server replies, {@code times} over.
         *
         * @param code three letters, {@code x} for any digit
         * @param enhanced the same with dots, or empty for any or none
         * @param text regular expressions that must occur, or with {@code !} must not
         */
        record Expect(int line, int times, String code, String enhanced, List<String> text) implements Step {}

        /** The client begins TLS. */
        record Secure(int line) implements Step {}

        /** The server closes. */
        record Closed(int line) implements Step {}

        /** The server says nothing for a while. */
        record Silence(int line) implements Step {}

        /** The client waits so many seconds; only where time is simulated, else the dialog is skipped by its needs. */
        record Wait(int line, int seconds) implements Step {}
    }
}
