package org.hikyaku.smtp.server;

import java.net.InetAddress;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.hikyaku.config.ListenerSettings;
import org.hikyaku.mail.IpLiteral;
import org.hikyaku.smtp.Command;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/**
 * XCLIENT (Postfix XCLIENT_README): a proxy that is believed says for whom it speaks, and the session begins anew with
 * that client, but for TLS. From then on he is asked whether he may say it again, not the proxy: what a proxy passes on of
 * a stranger's commands gives him no other address.
 *
 * <p>NAME, PORT, DESTADDR and DESTPORT are read and have no effect: nothing here goes by a client's name.
 */
final class XclientFeature {
    private static final Set<String> KNOWN =
            Set.of("NAME", "ADDR", "PORT", "PROTO", "HELO", "LOGIN", "DESTADDR", "DESTPORT");

    private static final String IPV6 = "IPV6:";

    static final Feature DECLARED = Feature.of(Extension.XCLIENT)
            .with(new Verb<>(
                    "XCLIENT",
                    Command.Xclient.class,
                    EnumSet.of(Phase.GREETED, Phase.IDLE),
                    true,
                    true,
                    XclientFeature::check,
                    XclientFeature::proceed));

    private XclientFeature() {}

    private static @Nullable Reply check(SessionState session, Command.Xclient command) {
        if (!session.rules().proxy().xclient()) {
            return Replies.NOT_IMPLEMENTED;
        }
        if (!session.client().mayAnnounce()) {
            return Replies.NO_PROXY_OF_OURS;
        }
        return attributes(session, command) == null ? Replies.BAD_ATTRIBUTES : null;
    }

    private static void proceed(SessionState session, Command.Xclient command) {
        Map<String, String> said = attributes(session, command);
        String proxy = IpLiteral.number(session.client().remote());
        session.client().announced(said == null ? Map.of() : new LinkedHashMap<>(said));
        session.tell(new Note.Proxied(proxy, IpLiteral.number(session.client().remote())));
        Opening.beginAnew(session);
    }

    private static @Nullable Map<String, String> attributes(SessionState session, Command.Xclient command) {
        Map<String, String> said = ProxyAttributes.read(command.attributes(), KNOWN);
        boolean login = session.rules().auth() != ListenerSettings.AuthMode.OFF;
        return said == null || (said.containsKey("LOGIN") && !login) || !isRight(said) ? null : said;
    }

    private static boolean isRight(Map<String, String> said) {
        return isAddress(said.getOrDefault("ADDR", ""))
                && isAddress(said.getOrDefault("DESTADDR", ""))
                && isPort(said.getOrDefault("PORT", ""))
                && isPort(said.getOrDefault("DESTPORT", ""))
                && said.getOrDefault("PROTO", "SMTP").matches("(?i)E?SMTP|");
    }

    private static boolean isAddress(String said) {
        return said.isEmpty() || address(said).isPresent();
    }

    private static boolean isPort(String said) {
        return said.isEmpty() || (said.matches("[0-9]{1,5}") && Integer.parseInt(said) <= 0xffff);
    }

    /** {@code 192.0.2.1} or {@code IPV6:2001:db8::1}, in any case; Postfix before 2.3 left the tag out. */
    static Optional<InetAddress> address(String said) {
        boolean tagged = said.regionMatches(true, 0, IPV6, 0, IPV6.length());
        String number = tagged ? said.substring(IPV6.length()) : said;
        return tagged && !number.contains(":") ? Optional.empty() : IpLiteral.parseAddress(number);
    }
}
