package org.hikyaku.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A command run to its end, with both its outputs together.
 *
 * <p><i>Failure:</i> one that takes longer than a minute is ended, and the test fails with what it had said.
 */
record Command(int code, String output) {
    private static final int LIMIT_SECONDS = 60;

    static Command run(List<String> command) {
        return run(command, "");
    }

    static Command run(List<String> command, String input) {
        return run(command, input, Map.of());
    }

    static Command run(List<String> command, String input, Map<String, String> environment) {
        try {
            Path in = Files.createTempFile("peers", ".in");
            Path out = Files.createTempFile("peers", ".out");
            try {
                Files.writeString(in, input, StandardCharsets.UTF_8);
                ProcessBuilder builder = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectInput(in.toFile())
                        .redirectOutput(out.toFile());
                builder.environment().putAll(environment);
                Process process = builder.start();
                boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
                process.destroyForcibly();
                String said = Files.readString(out, StandardCharsets.ISO_8859_1);
                assertThat(ended)
                        .as("%s within %d s; it said: %s", command, LIMIT_SECONDS, said)
                        .isTrue();
                return new Command(
                        process.exitValue(),
                        new String(said.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
            } finally {
                Files.delete(in);
                Files.delete(out);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Its output, if it ended with 0. */
    String good() {
        assertThat(code).as(output).isZero();
        return output;
    }
}
