package org.hikyaku.town;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** One seed is one history: twenty seeds have the same hash in another JVM. */
class HistoryIT {
    private static final long FIRST = 9_001;
    private static final long COUNT = 20;

    @Test
    void aSeedHasOneHistoryInEveryJvm() throws IOException, InterruptedException {
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-opens=java.base/java.lang=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        HistoryIT.class.getName())
                .redirectErrorStream(true)
                .start();
        List<String> here = hashes();
        String there = new String(other.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertThat(other.waitFor()).as(there).isZero();
        assertThat(there.lines().filter(line -> line.startsWith("history ")).toList())
                .isEqualTo(here);
    }

    /** The other JVM. */
    public static void main(String[] args) {
        hashes().forEach(System.out::println);
    }

    private static List<String> hashes() {
        return LongStream.range(FIRST, FIRST + COUNT).mapToObj(HistoryIT::hash).toList();
    }

    private static String hash(long seed) {
        try (Town town = new Town(seed, Plant.NONE)) {
            return "history " + seed + " " + Long.toHexString(town.live().hash());
        }
    }
}
