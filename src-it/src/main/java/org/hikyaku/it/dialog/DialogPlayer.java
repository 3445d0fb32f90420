package org.hikyaku.it.dialog;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Holds a dialog with a server: with ours, of which all is asked that the dialog says, or with any server, of which only
 * what the RFC asks. Enhanced status codes are a server's own choice: of any server no more is asked than that their class
 * fits the reply (RFC 2034 4), but in dialogs about these codes.
 *
 * <p><i>Failure:</i> {@link AssertionError} with the dialog, the line and all that was said; {@link PutOff} where
 * a server other than ours answers 4yz where the dialog has no use for it.
 */
public final class DialogPlayer {
    private static final Duration REPLY_LIMIT = Duration.ofSeconds(20);
    private static final Pattern WORD = Pattern.compile("\\{(base64 )?([^{}]*)}");

    private final Map<String, String> names;
    private final boolean ours;
    private final StringBuilder said = new StringBuilder();
    private boolean codesMatter;

    /** The server wants us to come again later: nothing is known of the claim. */
    public static final class PutOff extends AssertionError {
        private static final long serialVersionUID = 1L;

        PutOff(String line) {
            super(line);
        }
    }

    /** For our server. */
    public DialogPlayer(Map<String, String> names) {
        this(names, true);
    }

    /**
     * @param names what {@code {domain}}, {@code {user}}... stand for with this server
     * @param ours whether what only our server promises is asked too
     */
    public DialogPlayer(Map<String, String> names, boolean ours) {
        this.names = names;
        this.ours = ours;
    }

    /** The exchange so far, a line each. */
    public String said() {
        return said.toString();
    }

    /** Plays {@code dialog} to its end. */
    public void play(Dialog dialog, Peer peer) {
        codesMatter = ours || dialog.needs().contains("ENHANCEDSTATUSCODES");
        for (Dialog.Step step : dialog.steps()) {
            try {
                step(step, peer);
            } catch (PutOff e) {
                throw e;
            } catch (IOException | RuntimeException | AssertionError e) {
                throw new AssertionError(dialog.name() + ":" + step.line() + ": " + e.getMessage() + "\n" + said, e);
            }
        }
    }

    private void step(Dialog.Step step, Peer peer) throws IOException {
        switch (step) {
            case Dialog.Step.Say say -> {
                for (int n = 1; n <= say.times(); n++) {
                    byte[] octets =
                            octets(say.text().replace("{n}", Integer.toString(n)) + (say.lineEnd() ? "\\r\\n" : ""));
                    said.append("C: ").append(shown(octets)).append('\n');
                    peer.send(octets);
                }
            }
            case Dialog.Step.Expect expect -> {
                for (int n = 1; n <= expect.times(); n++) {
                    check(ours ? expect.ours() : expect.asked(), reply(peer));
                }
            }
            case Dialog.Step.Secure secure -> peer.startTls();
            case Dialog.Step.Wait wait -> peer.pause(Duration.ofSeconds(wait.seconds()));
            case Dialog.Step.Closed closed -> {
                String line = peer.line(REPLY_LIMIT);
                if (!ours && line != null && line.startsWith("421 ")) {
                    line = peer.line(REPLY_LIMIT); // RFC 5321 3.8: its word before it closes
                }
                if (line != null) {
                    throw new AssertionError("not closed, but: " + line);
                }
            }
            case Dialog.Step.Silence silence -> {
                if (!peer.isSilent()) {
                    throw new AssertionError("the server spoke: " + peer.line(REPLY_LIMIT));
                }
            }
        }
    }

    /** All lines of one reply. */
    private List<String> reply(Peer peer) throws IOException {
        List<String> lines = new ArrayList<>();
        while (true) {
            String line = peer.line(REPLY_LIMIT);
            if (line == null) {
                throw new AssertionError("the server closed");
            }
            said.append("S: ").append(line).append('\n');
            lines.add(line);
            if (!line.matches("[2-5][0-9]{2}(?:[ -].*)?") || (line.length() + 2 > 512 && line.charAt(0) != '3')) {
                throw new AssertionError("no reply: " + line);
            }
            if (line.length() == 3 || line.charAt(3) == ' ') {
                return lines;
            }
        }
    }

    private void check(Dialog.Answer wanted, List<String> lines) {
        for (String line : lines) {
            boolean right = fits(wanted.code(), line.substring(0, 3));
            if (!right && !ours && line.charAt(0) == '4') {
                throw new PutOff(line);
            }
            if (!right || !codeFits(wanted, line)) {
                throw new AssertionError("wanted " + wanted.code() + " " + wanted.enhanced() + ", got " + line);
            }
        }
        String all = String.join("\n", lines);
        for (String text : wanted.text()) {
            boolean not = text.startsWith("!");
            if (Pattern.compile(not ? text.substring(1) : text, Pattern.MULTILINE)
                            .matcher(all)
                            .find()
                    == not) {
                throw new AssertionError("wanted " + text + ", got " + all);
            }
        }
    }

    private boolean codeFits(Dialog.Answer wanted, String line) {
        if (wanted.enhanced().isEmpty()) {
            return true;
        }
        String code = line.length() < 5 ? "" : line.substring(4).split(" ", 2)[0];
        return codesMatter
                ? fits(wanted.enhanced(), code)
                : !code.matches("[245](\\.[0-9]{1,3}){2}") || code.charAt(0) == line.charAt(0);
    }

    private static boolean fits(String pattern, String text) {
        return text.matches(pattern.replace(".", "\\.").replaceAll("x+", "[0-9]+"));
    }

    private byte[] octets(String text) {
        Matcher matcher = WORD.matcher(text);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int from = 0;
        while (matcher.find()) {
            out.writeBytes(unescape(text.substring(from, matcher.start())));
            from = matcher.end();
            if (matcher.group(1) == null) {
                out.writeBytes(word(matcher.group(2)).getBytes(StandardCharsets.UTF_8));
            } else {
                byte[] inner = unescape(named(matcher.group(2)));
                out.writeBytes(Base64.getEncoder().encode(inner));
            }
        }
        out.writeBytes(unescape(text.substring(from)));
        return out.toByteArray();
    }

    private String named(String text) {
        String out = text;
        for (Map.Entry<String, String> name : names.entrySet()) {
            out = out.replace("$" + name.getKey(), name.getValue());
        }
        return out;
    }

    /** {@code {name}}, {@code {NAME}} for the same in capitals, or {@code {x*1000}} for a letter many times. */
    private String word(String word) {
        if (word.matches(".\\*[0-9]+")) {
            return word.substring(0, 1).repeat(Integer.parseInt(word.substring(2)));
        }
        @Nullable String value = names.get(word.toLowerCase(Locale.ROOT));
        if (value == null) {
            throw new IllegalArgumentException("no such name: " + word);
        }
        return word.equals(word.toUpperCase(Locale.ROOT)) ? value.toUpperCase(Locale.ROOT) : value;
    }

    private static byte[] unescape(String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\') {
                int end = Character.isHighSurrogate(c) ? i + 2 : i + 1;
                out.writeBytes(text.substring(i, end).getBytes(StandardCharsets.UTF_8));
                i = end - 1;
                continue;
            }
            char what = text.charAt(++i);
            switch (what) {
                case 'r' -> out.write('\r');
                case 'n' -> out.write('\n');
                case 't' -> out.write('\t');
                case '0' -> out.write(0);
                case '\\' -> out.write('\\');
                case 'x' -> {
                    out.write(Integer.parseInt(text.substring(i + 1, i + 3), 16));
                    i += 2;
                }
                default -> throw new IllegalArgumentException("unknown escape \\" + what);
            }
        }
        return out.toByteArray();
    }

    private static String shown(byte[] octets) {
        String text = new String(octets, 0, Math.min(octets.length, 200), StandardCharsets.UTF_8);
        return text.replace("\r", "\\r").replace("\n", "\\n").replace("\0", "\\0");
    }
}
