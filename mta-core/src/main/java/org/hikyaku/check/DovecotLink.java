package org.hikyaku.check;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.sasl.ExternalServer;
import org.hikyaku.sasl.RemoteLogin.Answer;
import org.hikyaku.sasl.ScramDigest;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Event;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireHandler;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * One connection to Dovecot's authentication service: handshake, then lines of exchanges by their numbers. Tasks ask, the loop
 * answers them.
 *
 * <p><i>Failure:</i> whatever ends the connection gives all who wait on it a temporary no, and AUTH_SERVER_LOST says why; a
 * line over its limit or another major version ends it.
 */
final class DovecotLink implements WireHandler {
    private static final int LINE_MAX = 16 * 1024;
    private static final int MECHANISMS_MAX = 64;

    private final World world;
    private final Endpoint endpoint;
    private final Consumer<List<String>> offer;
    private final long begun;
    private final Tasks.Promise<Boolean> ready;
    private final AtomicInteger lastId = new AtomicInteger();
    private final Map<Integer, Tasks.Promise<Answer>> waiting = new ConcurrentSkipListMap<>();
    private volatile @Nullable Wire wire;
    private volatile boolean over;

    // of the loop
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final List<String> mechanisms = new ArrayList<>();
    private boolean versionSeen;
    private boolean done;
    private String why = "";

    /** {@code offer} is told, on the loop, which mechanisms there are. */
    DovecotLink(World world, Endpoint endpoint, Consumer<List<String>> offer) {
        this.world = world;
        this.endpoint = endpoint;
        this.offer = offer;
        this.begun = world.clock().nanos();
        this.ready = world.tasks().promise();
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /** When it was begun, by the World's nanoseconds. */
    long begun() {
        return begun;
    }

    boolean isOver() {
        return over;
    }

    /** Whether Dovecot has finished its handshake, in time. Waits. */
    boolean awaitReady() {
        boolean greeted = ready.await(DovecotAuth.PATIENCE).orElse(false) && !over;
        if (!greeted) {
            close();
        }
        return greeted;
    }

    /** A 32 bit number, used once on a connection. */
    int nextId() {
        return lastId.updateAndGet(last -> last == Integer.MAX_VALUE ? 1 : last + 1);
    }

    /** Sends a line of exchange {@code id} and waits for what Dovecot says to it. */
    Answer ask(int id, String text) {
        Tasks.Promise<Answer> answer = world.tasks().promise();
        waiting.put(id, answer);
        Wire open = wire;
        if (over || open == null) {
            waiting.remove(id);
            return lost("the connection to Dovecot is gone");
        }
        open.loop().execute(() -> send(open, text + "\n"));
        try {
            return answer.await(DovecotAuth.PATIENCE).orElseGet(() -> lost("Dovecot does not answer"));
        } finally {
            waiting.remove(id);
        }
    }

    private static Answer lost(String text) {
        return new Answer.No(true, "", text);
    }

    /** From anywhere. */
    void close() {
        over = true;
        Wire open = wire;
        if (open != null) {
            open.loop().execute(open::close);
        }
    }

    // ---- on the loop

    @Override
    public void opened(Wire opened) {
        wire = opened;
        if (over) {
            opened.close();
            return;
        }
        byte[] random = new byte[4];
        world.entropy().fill(random);
        // a client's number, no other connection's to the same service
        int number = (random[0] & 0x7f) << 24 | (random[1] & 0xff) << 16 | (random[2] & 0xff) << 8 | (random[3] & 0xff);
        send(opened, "VERSION\t1\t1\nCPID\t" + Math.max(1, number) + "\n");
    }

    private static void send(Wire open, String text) {
        byte[] octets = text.getBytes(StandardCharsets.UTF_8);
        open.write(octets, 0, octets.length);
        open.flush();
    }

    @Override
    public void received(byte[] octets, int offset, int length) {
        for (int i = offset; i < offset + length && !over; i++) {
            if (octets[i] == '\n') {
                String text = line.toString(StandardCharsets.UTF_8);
                line.reset();
                read(text.split("\t", -1));
            } else if (line.size() == LINE_MAX) {
                end("a line over " + LINE_MAX + " octets");
            } else {
                line.write(octets[i]);
            }
        }
    }

    private void read(String[] words) {
        switch (words[0]) {
            case "VERSION" -> {
                versionSeen = words.length > 1 && words[1].equals("1");
                if (!versionSeen) {
                    end("another version of its protocol");
                }
            }
            case "MECH" -> mechanism(words);
            case "DONE" -> done();
            case "OK", "FAIL", "CONT" -> answer(words);
            default -> {} // SPID, CUID, COOKIE, and what later versions add
        }
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

    private void done() {
        if (!versionSeen) {
            end("no version before the end of its handshake");
            return;
        }
        done = true;
        offer.accept(List.copyOf(mechanisms));
        ready.complete(true);
    }

    private void answer(String[] words) {
        if (!done || words.length < 2 || !words[1].matches("[0-9]{1,10}")) {
            end("an answer to nobody");
            return;
        }
        long id = Long.parseLong(words[1]);
        Tasks.Promise<Answer> asked = id > Integer.MAX_VALUE ? null : waiting.get((int) id);
        if (asked != null) { // else he has given up
            asked.complete(meaning(words));
        }
    }

    private static Answer meaning(String[] words) {
        List<String> rest = List.of(words).subList(2, words.length);
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

    private static Answer challenge(String base64) {
        try {
            return new Answer.Challenge(Base64.getDecoder().decode(base64));
        } catch (IllegalArgumentException e) {
            return lost("Dovecot sent a challenge that is not base64");
        }
    }

    private static Answer success(List<String> rest, String user) {
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

    private void end(String reason) {
        over = true;
        why = reason;
        Wire open = wire;
        if (open != null) {
            open.abort();
        }
    }

    @Override
    public void secured(TlsFacts facts) {
        throw new IllegalStateException("nobody asked for TLS");
    }

    @Override
    public void closed(@Nullable WireFailure cause) {
        boolean bidden = over && why.isEmpty();
        over = true;
        if (!bidden) {
            String text = !why.isEmpty() ? why : cause == null ? "it closed the connection" : cause.text();
            world.events().emit(Event.AUTH_SERVER_LOST, endpoint, text);
        }
        ready.complete(false);
        waiting.values().forEach(each -> each.complete(lost("the connection to Dovecot is gone")));
    }
}
