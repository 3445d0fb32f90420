package org.hikyaku.deliver;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.sim.SimHost;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.TlsNeed;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireHandler;
import org.jspecify.annotations.Nullable;

/**
 * A mail server that behaves, except where its script says otherwise. The script sees each line (the empty line when the
 * connection is new, "." at the end of data, "chunk" at that of a BDAT before) and says what to answer: null for what is right, {@link #CLOSE},
 * {@link #RESET}, {@link #SILENCE}, or text.
 */
final class FakeMx {
    static final String CLOSE = "close";
    static final String RESET = "reset";
    static final String SILENCE = "silence";

    final List<Session> sessions = new ArrayList<>();
    final List<Mail> mails = new ArrayList<>();
    List<String> offer = List.of("PIPELINING", "8BITMIME");
    BiFunction<Session, String, @Nullable String> script = (session, line) -> null;
    int open;
    /** Connections at the same time, at most. */
    int openMax;

    boolean lmtp;
    boolean implicitTls;

    /** A message taken. */
    record Mail(String sender, List<String> recipients, String text) {}

    FakeMx(SimHost host, Endpoint endpoint) {
        try {
            host.world().net().listen(endpoint, 100, wire -> {
                Session session = new Session();
                sessions.add(session);
                return session;
            });
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** All commands of all connections, data left out. */
    List<String> commands() {
        return sessions.stream().flatMap(session -> session.commands.stream()).toList();
    }

    /** One connection. */
    final class Session implements WireHandler {
        final List<String> commands = new ArrayList<>();
        final StringBuilder data = new StringBuilder();
        final List<String> recipients = new ArrayList<>();
        private final StringBuilder line = new StringBuilder();
        private String sender = "";
        private boolean inData;
        private int chunkRest;
        private boolean lastChunk;
        boolean secured;
        String remote = "";
        private @Nullable Wire wire;

        @Override
        public void opened(Wire opened) {
            wire = opened;
            open++;
            openMax = Math.max(openMax, open);
            remote = opened.remote().toString();
            if (implicitTls) {
                opened.startTls(new TlsNeed.Server("mx"));
            } else {
                answer("", "220 mx.example ESMTP");
            }
        }

        @Override
        public void received(byte[] octets, int offset, int length) {
            for (int i = offset; i < offset + length; i++) {
                if (chunkRest > 0) {
                    data.append((char) (octets[i] & 0xff));
                    chunkRest--;
                    chunkEnded();
                    continue;
                }
                line.append((char) (octets[i] & 0xff));
                if (octets[i] == '\n') {
                    String whole = line.toString();
                    line.setLength(0);
                    line(whole);
                }
            }
        }

        @Override
        public void secured(TlsFacts facts) {
            secured = true;
            if (implicitTls) {
                answer("", "220 mx.example ESMTP");
            }
        }

        @Override
        public void closed(@Nullable WireFailure cause) {
            wire = null;
            open--;
        }

        private void line(String whole) {
            String text = whole.replaceFirst("\r\n$", "");
            if (!inData && text.startsWith("BDAT ")) {
                commands.add(text);
                chunkRest = Integer.parseInt(text.split(" ", 3)[1]);
                lastChunk = text.endsWith(" LAST");
                chunkEnded();
            } else if (!inData) {
                commands.add(text);
                answer(text, right(text));
            } else if (text.equals(".")) {
                inData = false;
                commands.add(text);
                endOfData();
            } else {
                data.append(text.startsWith(".") ? text.substring(1) : text).append("\r\n");
            }
        }

        private void chunkEnded() {
            if (chunkRest == 0 && lastChunk) {
                endOfData();
            } else if (chunkRest == 0) {
                String said = script.apply(this, "chunk");
                send(said == null ? "250 2.0.0 chunk" : said);
            }
        }

        private void endOfData() {
            int answers = lmtp ? recipients.size() : 1;
            List<String> taken = new ArrayList<>();
            for (int i = 0; i < answers; i++) {
                String said = script.apply(this, lmtp ? ". " + recipients.get(i) : ".");
                send(said == null ? "250 2.0.0 taken" : said);
                if (said == null || said.startsWith("2")) {
                    taken.addAll(lmtp ? List.of(recipients.get(i)) : recipients);
                }
            }
            if (!taken.isEmpty()) {
                mails.add(new Mail(sender, taken, data.toString()));
            }
            recipients.clear();
        }

        private String right(String text) {
            String verb = text.replaceFirst("[ :].*", "");
            return switch (verb) {
                case "EHLO", "LHLO" -> ehlo();
                case "MAIL" -> {
                    sender = text;
                    recipients.clear();
                    data.setLength(0);
                    yield "250 2.1.0 ok";
                }
                case "DATA" -> recipients.isEmpty() ? "554 5.5.1 nobody" : "354 go";
                case "QUIT" -> "221 bye";
                case "STARTTLS" -> "220 go";
                case "AUTH" -> "235 2.7.0 welcome";
                default -> "250 ok";
            };
        }

        private String ehlo() {
            List<String> words = new ArrayList<>(offer);
            words.addFirst("mx.example");
            if (secured) {
                words.remove("STARTTLS");
            }
            StringBuilder out = new StringBuilder();
            for (int i = 0; i < words.size(); i++) {
                out.append(i == 0 ? "" : "\r\n")
                        .append("250")
                        .append(i + 1 < words.size() ? "-" : " ")
                        .append(words.get(i));
            }
            return out.toString();
        }

        private void answer(String text, String right) {
            String scripted = script.apply(this, text);
            String said = scripted == null ? right : scripted;
            if (text.startsWith("RCPT TO:") && said.startsWith("2")) {
                recipients.add(text.substring(8));
            }
            send(said);
            inData = text.equals("DATA") && said.startsWith("354");
            Wire open = wire;
            if (open != null && text.equals("STARTTLS") && said.startsWith("220")) {
                open.startTls(new TlsNeed.Server("mx"));
            }
            if (open != null && text.equals("QUIT") && !said.equals(SILENCE)) {
                open.close();
            }
        }

        private void send(String said) {
            Wire open = wire;
            if (open == null || said.equals(SILENCE)) {
                return;
            }
            if (said.equals(CLOSE) || said.equals(RESET)) {
                if (said.equals(CLOSE)) {
                    open.close();
                } else {
                    open.abort();
                }
                return;
            }
            byte[] octets = (said + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
            open.write(octets, 0, octets.length);
            open.flush();
        }
    }
}
