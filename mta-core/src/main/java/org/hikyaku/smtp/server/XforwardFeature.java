package org.hikyaku.smtp.server;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hikyaku.smtp.Command;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/**
 * XFORWARD (Postfix XFORWARD_README): a filter that is believed says where the next message was from, for the log and for
 * nothing else. It is told with the message when that is stored, and forgotten with the transaction.
 */
final class XforwardFeature {
    private static final List<String> NAMES = List.of("NAME", "ADDR", "PORT", "PROTO", "HELO", "IDENT", "SOURCE");
    private static final Set<String> KNOWN = Set.copyOf(NAMES);
    private static final int PROTO_MAX = 64;

    static final Feature DECLARED = Feature.of(Extension.XFORWARD)
            .with(new Verb<>(
                    "XFORWARD",
                    Command.Xforward.class,
                    EnumSet.of(Phase.IDLE),
                    true,
                    true,
                    XforwardFeature::check,
                    XforwardFeature::proceed));

    private XforwardFeature() {}

    private static @Nullable Reply check(SessionState session, Command.Xforward command) {
        if (!session.rules().proxy().xforward()) {
            return Replies.NOT_IMPLEMENTED;
        }
        if (!session.client().mayForward()) {
            return Replies.NO_PROXY_OF_OURS;
        }
        Map<String, String> said = ProxyAttributes.read(command.attributes(), KNOWN);
        return said == null || said.getOrDefault("PROTO", "").length() > PROTO_MAX ? Replies.BAD_ATTRIBUTES : null;
    }

    /** The first sets all others to not known. */
    private static void proceed(SessionState session, Command.Xforward command) {
        Map<String, String> all = new LinkedHashMap<>();
        for (String name : NAMES) {
            all.put(name, session.client().forwarded().getOrDefault(name, ""));
        }
        Map<String, String> said = ProxyAttributes.read(command.attributes(), KNOWN);
        all.putAll(said == null ? Map.of() : said);
        session.client().forwarded(all);
        session.send(Replies.FORWARD_OK);
    }
}
