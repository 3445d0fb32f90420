package org.hikyaku.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A connection to the server from another host, held by hand, line by line.
 *
 * <p><i>Failure:</i> silence of forty seconds ends it and reads as {@code (silence)}.
 */
final class Talk implements AutoCloseable {
    private final Process process;
    private final BufferedReader in;
    private final Writer out;

    private Talk(Process process) {
        this.process = process;
        this.in = process.inputReader(StandardCharsets.UTF_8);
        this.out = process.outputWriter(StandardCharsets.UTF_8);
    }

    static Talk to(Kit kit, int port, boolean tls) {
        List<String> command =
                new ArrayList<>(List.of("python3", kit.clientProgram("talk.py"), "192.0.2.1", Integer.toString(port)));
        if (tls) {
            command.add("tls");
        }
        try {
            return new Talk(new ProcessBuilder(kit.in("peers", command))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void say(String line) {
        try {
            out.write(line + "\n");
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One reply with all its lines. */
    String reply() {
        try {
            StringBuilder reply = new StringBuilder();
            String line = in.readLine();
            while (line != null && line.length() > 3 && line.charAt(3) == '-') {
                reply.append(line).append('\n');
                line = in.readLine();
            }
            return reply.append(line).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String expect(String code) {
        String reply = reply();
        assertThat(reply).startsWith(code);
        return reply;
    }

    String ask(String line) {
        say(line);
        return reply();
    }

    /** The server has closed, and said nothing more. */
    void expectClose() {
        assertThat(reply()).isEqualTo("(closed)");
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
