package org.hikyaku.smtp.server;

import java.util.ArrayList;
import java.util.List;
import org.hikyaku.smtp.Extension;

/**
 * All that one extension is in the server: when it is offered and under which keyword ({@link Extension}), the commands it
 * brings, and the parameters it brings to MAIL and RCPT. Each is declared in a file of its own, where its rules and effects are.
 */
record Feature(
        Extension extension,
        List<Verb<?>> verbs,
        List<ParameterRule<Transaction>> mail,
        List<ParameterRule<Transaction.To>> rcpt) {
    Feature {
        verbs = List.copyOf(verbs);
        mail = List.copyOf(mail);
        rcpt = List.copyOf(rcpt);
    }

    /** One that is a promise only, or still without what it brings. */
    static Feature of(Extension extension) {
        return new Feature(extension, List.of(), List.of(), List.of());
    }

    Feature with(Verb<?> verb) {
        return new Feature(extension, and(verbs, verb), mail, rcpt);
    }

    Feature withMail(String keyword, ParameterRule.Check check, ParameterRule.Effect<Transaction> effect) {
        return new Feature(extension, verbs, and(mail, new ParameterRule<>(keyword, check, effect)), rcpt);
    }

    Feature withRcpt(String keyword, ParameterRule.Check check, ParameterRule.Effect<Transaction.To> effect) {
        return new Feature(extension, verbs, mail, and(rcpt, new ParameterRule<>(keyword, check, effect)));
    }

    private static <T> List<T> and(List<T> some, T one) {
        List<T> all = new ArrayList<>(some);
        all.add(one);
        return all;
    }
}
