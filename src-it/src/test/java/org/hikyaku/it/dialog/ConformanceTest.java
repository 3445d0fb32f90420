package org.hikyaku.it.dialog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The suite's own judgement: what it asks of any server, what it leaves out and why, and that it can fail. */
class ConformanceTest {
    private static final String DIALOG = """
            on: mx
            asks: MUST 5321 4.1.1.9
            S: 220
            C: NOOP
            S: 250 (250 2.0.0)
            """;

    /** Answers line by line what it was told to. */
    private static final class Script implements Peer {
        private final Queue<String> lines;

        Script(String... lines) {
            this.lines = new ArrayDeque<>(List.of(lines));
        }

        @Override
        public void send(byte[] octets) {}

        @Override
        public @Nullable String line(Duration limit) {
            return lines.poll();
        }

        @Override
        public boolean isSilent() {
            return lines.isEmpty();
        }

        @Override
        public void startTls() {}

        @Override
        public void pause(Duration time) {}

        @Override
        public void close() {}
    }

    private static void play(String dialog, boolean ours, String... answers) {
        new DialogPlayer(Map.of(), ours).play(DialogReader.read("a.smtp", dialog), new Script(answers));
    }

    @Test
    void ofAnyServerOnlyWhatTheRfcAsksIsAsked() {
        play(DIALOG, false, "220 x", "250 fine");
        play(DIALOG, true, "220 x", "250 2.0.0 fine");
        assertThatThrownBy(() -> play(DIALOG, true, "220 x", "250 fine")).isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> play(DIALOG, false, "220 x", "500 what?"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("wanted 250");
    }

    @Test
    void anEnhancedCodeOfAnotherClassIsWrongWhereverItStands() {
        String dialog = "on: mx\nasks: MUST 5321 4.1.4\nS: 503 5.5.1\n";
        play(dialog, false, "503 no");
        play(dialog, false, "503 5.0.0 no");
        assertThatThrownBy(() -> play(dialog, false, "503 2.0.0 no")).isInstanceOf(AssertionError.class);
    }

    @Test
    void aServerThatPutsUsOffHasNotFailed() {
        assertThatThrownBy(() -> play(DIALOG, false, "220 x", "451 later"))
                .isInstanceOf(DialogPlayer.PutOff.class)
                .hasMessage("451 later");
    }

    @Test
    void oneOfSeveralCodesServes() {
        String dialog = "on: mx\nasks: MAY 5321 3.3\nS: 503|554\n";
        play(dialog, false, "503 no");
        play(dialog, false, "554 no");
        assertThatThrownBy(() -> play(dialog, false, "550 no")).isInstanceOf(AssertionError.class);
    }

    @Test
    void whatAServerDoesNotOfferIsNotAskedOfIt() {
        Server server =
                new Server("", 25, false, Map.of("SIZE", "1000", "STARTTLS", ""), Map.of("AUTH", "PLAIN LOGIN"));
        Map<String, String> names = Applicable.names(Map.of("local", "joe@example.org", "user", ""), server);

        assertThat(names).containsEntry("domain", "example.org").containsEntry("toobig", "1001");
        assertThat(hindrance("needs: SIZE\nC: {rcpt} {DOMAIN} {toobig}", names, server))
                .isNull();
        assertThat(hindrance("needs: CHUNKING\nC: x", names, server)).isEqualTo("CHUNKING is not offered");
        assertThat(hindrance("needs: !SIZE\nC: x", names, server)).isEqualTo("SIZE is offered");
        assertThat(hindrance("needs: auth:PLAIN\nC: x", names, server)).isNull();
        assertThat(hindrance("needs: auth:SCRAM-SHA-256\nC: x", names, server)).isEqualTo("no AUTH SCRAM-SHA-256");
        assertThat(hindrance("C: {base64 \\0$user\\0$password}", names, server)).isEqualTo("wants -Dpassword");
        assertThat(hindrance("needs: time\nC: x", names, server)).contains("-Dslow=true");
    }

    private static @Nullable String hindrance(String rest, Map<String, String> names, Server server) {
        String text = "on: mx\nasks: MUST 5321 4.2\n" + rest + "\n";
        return new Applicable(names, false).hindrance(DialogReader.read("a.smtp", text), server);
    }

    @Test
    void aServerThatCannotBeReachedIsNoResult(@TempDir Path directory) throws IOException {
        Files.writeString(directory.resolve("a.smtp"), DIALOG);
        Map<String, String> told = new LinkedHashMap<>();
        PrintStream out = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);

        assertThatThrownBy(() -> new Conformance(told, out).run(directory))
                .isInstanceOf(IllegalArgumentException.class);

        told.put("target", "127.0.0.1:1");
        assertThatThrownBy(() -> new Conformance(told, out).run(directory)).isInstanceOf(IOException.class);
    }
}
