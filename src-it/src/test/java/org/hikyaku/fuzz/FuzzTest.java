package org.hikyaku.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each parser of a stranger's octets with its seeds, with all that was ever found, and with some thousands of mutations;
 * {@code -Dfuzz.rounds=N} for more, {@code -Dfuzz.seed=S} for others.
 */
class FuzzTest {
    private static final int ROUNDS = Integer.getInteger("fuzz.rounds", 4000);
    private static final long SEED = Long.getLong("fuzz.seed", 1);

    @ParameterizedTest
    @EnumSource(Parser.class)
    void seedsAndWhatWasFoundBefore(Parser parser) throws IOException {
        List<byte[]> all = new ArrayList<>(parser.seeds());
        all.addAll(found(parser));
        all.add(new byte[0]);
        all.forEach(octets -> run(parser, octets));
    }

    @ParameterizedTest
    @EnumSource(Parser.class)
    void mutations(Parser parser) throws IOException {
        List<byte[]> seeds = new ArrayList<>(parser.seeds());
        seeds.addAll(found(parser));
        Mutator mutator = new Mutator(SEED, seeds);
        for (int round = 0; round < ROUNDS; round++) {
            run(parser, mutator.next());
        }
    }

    private static void run(Parser parser, byte[] octets) {
        try {
            parser.run(octets);
        } catch (Exception | AssertionError | StackOverflowError e) {
            throw new AssertionError(
                    parser + " with (base64) " + Base64.getEncoder().encodeToString(octets), e);
        }
    }

    /** Inputs that once failed; their folder is named as the parser. */
    private static List<byte[]> found(Parser parser) throws IOException {
        Path folder = root().resolve("src-it/src/test/fuzz").resolve(parser.folder());
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        List<byte[]> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                found.add(Files.readAllBytes(file));
            }
        }
        assertThat(found).isNotEmpty();
        return found;
    }

    private static Path root() {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.isDirectory(at.resolve("src-it"))) {
                return at;
            }
        }
        throw new IllegalStateException("no src-it above the working directory");
    }
}
