package org.hikyaku.smtp.server;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.Parameter;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/** THE list of the server's extensions, and the tables of the parameters that they bring to MAIL and RCPT. */
final class Features {
    static final List<Feature> ALL = List.of(
            Feature.of(Extension.PIPELINING),
            SizeFeature.DECLARED,
            BodyFeature.DECLARED,
            ChunkingFeature.DECLARED,
            Feature.of(Extension.BINARYMIME),
            StartTlsFeature.DECLARED,
            AuthFeature.DECLARED,
            Feature.of(Extension.ENHANCEDSTATUSCODES),
            Utf8Feature.DECLARED,
            DsnFeature.DECLARED,
            Feature.of(Extension.LIMITS),
            PriorityFeature.DECLARED,
            HoldFeature.DECLARED,
            DeliverByFeature.DECLARED,
            RequireTlsFeature.DECLARED,
            SolicitFeature.DECLARED,
            VerpFeature.DECLARED,
            Feature.of(Extension.HELP),
            Feature.of(Extension.EXPN),
            EtrnFeature.DECLARED,
            AtrnFeature.DECLARED,
            XclientFeature.DECLARED,
            XforwardFeature.DECLARED);

    static final Parameters<Transaction> MAIL = new Parameters<>(Feature::mail);
    static final Parameters<Transaction.To> RCPT = new Parameters<>(Feature::rcpt);

    private Features() {}

    /** The parameters that one command may have. */
    static final class Parameters<T> {
        private final Map<String, Known<T>> known = new HashMap<>();

        private record Known<T>(Extension extension, ParameterRule<T> rule) {}

        private Parameters(Function<Feature, List<ParameterRule<T>>> declared) {
            for (Feature feature : ALL) {
                for (ParameterRule<T> rule : declared.apply(feature)) {
                    if (known.put(rule.keyword(), new Known<>(feature.extension(), rule)) != null) {
                        throw new IllegalStateException(rule.keyword() + " is declared twice");
                    }
                }
            }
        }

        /** Null when each is known, offered now, right, and there once; else the refusal of the first that is not. */
        @Nullable
        Reply check(SessionState session, List<Parameter> given) {
            for (int i = 0; i < given.size(); i++) {
                Parameter parameter = given.get(i);
                if (isAmong(given.subList(0, i), parameter.keyword())) {
                    return Replies.PARAMETER_TWICE;
                }
                Known<T> one = known.get(parameter.keyword());
                if (one == null || !one.extension.isOffered(session.situation())) {
                    return Replies.UNKNOWN_PARAMETER; // RFC 5321 4.1.1.11
                }
                Reply wrong = one.rule.check().check(session, parameter.value());
                if (wrong != null) {
                    return wrong;
                }
            }
            return null;
        }

        /** Puts down in {@code target} what parameters say that were checked. */
        void take(List<Parameter> given, T target) {
            for (Parameter parameter : given) {
                Known<T> one = known.get(parameter.keyword());
                if (one != null) {
                    one.rule.effect().take(target, parameter.value());
                }
            }
        }
    }

    static boolean isAmong(List<Parameter> given, String keyword) {
        return given.stream().anyMatch(parameter -> parameter.keyword().equals(keyword));
    }
}
