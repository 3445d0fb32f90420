package org.hikyaku.check;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.hikyaku.check.DovecotLink.Line;
import org.hikyaku.sasl.ExternalServer;
import org.hikyaku.sasl.RemoteLogin.Answer;
import org.hikyaku.sasl.ScramDigest;
import org.hikyaku.world.World;

/**
 * What is said to Dovecot's authentication service on one connection, version 1.x: who may log in.
 *
 * <p><i>Failure:</i> what makes no sense as an answer is a temporary no; another major version ends the connection.
 */
final class DovecotLogins implements DovecotLink.Dialect<Answer> {
    private static final int MECHANISMS_MAX = 64;

    private final Consumer<List<String>> offer;
    private final List<String> mechanisms = new ArrayList<>();
    private boolean versionSeen;

    /** @param offer is told, on the loop, which mechanisms there are */
    DovecotLogins(Consumer<List<String>> offer) {
        this.offer = offer;
    }

    @Override
    public String hello(World world) {
        byte[] random = new byte[4];
        world.entropy().fill(random);
        // a client's number, no other connection's to the same service
        int number = (random[0] & 0x7f) << 24 | (random[1] & 0xff) << 16 | (random[2] & 0xff) << 8 | (random[3] & 0xff);
        return "VERSION\t1\t1\nCPID\t" + Math.max(1, number) + "\n";
    }

    @Override
    public Line<Answer> read(String[] words) {
        return switch (words[0]) {
            case "VERSION" -> {
                versionSeen = words.length > 1 && words[1].equals("1");
                yield versionSeen ? new Line.Other<>() : new Line.Wrong<>("another version of its protocol");
            }
            case "MECH" -> {
                mechanism(words);
                yield new Line.Other<>();
            }
            case "DONE" -> done();
            case "OK", "FAIL", "CONT" -> new Line.Said<>(meaning(words));
            default -> new Line.Other<>(); // SPID, CUID, COOKIE, and what later versions add
        };
    }

    private void mechanism(String[] words) {
        List<String> flags = List.of(words).subList(Math.min(2, words.length), words.length);
        String name = words.length > 1 ? words[1].toUpperCase(Locale.ROOT) : "";
        // what a client proves of its connection, to us, cannot be told on
        boolean usable = !name.isEmpty()
                && !flags.contains("private")
                && !flags.contains("anonymous")
                && !name.equals(ExternalServer.NAME)
                && !ScramDigest.isPlus(name);
        if (usable && mechanisms.size() < MECHANISMS_MAX) {
            mechanisms.add(name);
        }
    }

    private Line<Answer> done() {
        if (!versionSeen) {
            return new Line.Wrong<>("no version before the end of its handshake");
        }
        offer.accept(List.copyOf(mechanisms));
        return new Line.Ready<>();
    }

    @Override
    public Answer lost(String why) {
        return new Answer.No(true, "", why);
    }

    private Answer meaning(String[] words) {
        List<String> rest = List.of(words).subList(Math.min(2, words.length), words.length);
        String user = value(rest, "user");
        return switch (words[0]) {
            case "CONT" -> challenge(rest.isEmpty() ? "" : rest.getFirst());
            case "OK" -> success(rest, user);
            default -> {
                String code = value(rest, "code");
                boolean temporary = rest.contains("temp") || code.equals("temp_fail");
                yield new Answer.No(temporary, user, temporary ? "Dovecot cannot tell now" : reason(rest, code));
            }
        };
    }

    private Answer challenge(String base64) {
        try {
            return new Answer.Challenge(Base64.getDecoder().decode(base64));
        } catch (IllegalArgumentException e) {
            return lost("Dovecot sent a challenge that is not base64");
        }
    }

    private Answer success(List<String> rest, String user) {
        boolean sound = !user.isEmpty() && user.chars().allMatch(c -> c > ' ' && c != 0x7f);
        if (!sound) {
            return lost("Dovecot named no user");
        }
        return rest.contains("nologin")
                ? new Answer.No(false, user, "Dovecot lets this user not log in")
                : new Answer.Yes(user);
    }

    private static String reason(List<String> rest, String code) {
        for (String known : List.of("user_disabled", "pass_expired", "authz", "authz_fail")) {
            if (rest.contains(known) || code.equals(known)) {
                return "wrong credentials (" + known + ")";
            }
        }
        return "wrong credentials";
    }

    private static String value(List<String> parameters, String name) {
        String prefix = name + "=";
        return parameters.stream()
                .filter(each -> each.startsWith(prefix))
                .map(each -> each.substring(prefix.length()))
                .findFirst()
                .orElse("");
    }
}
