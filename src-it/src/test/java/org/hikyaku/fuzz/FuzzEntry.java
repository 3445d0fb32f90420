package org.hikyaku.fuzz;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** What Jazzer calls (its name of the method, and no other tie to it): one parser, named by {@code -Dfuzz.parser}. */
public final class FuzzEntry {
    private static final Parser PARSER =
            Parser.valueOf(System.getProperty("fuzz.parser", "COMMANDS").toUpperCase(Locale.ROOT));

    private FuzzEntry() {}

    public static void fuzzerTestOneInput(byte[] octets) throws Exception {
        PARSER.run(octets);
    }

    /** Writes the seeds of the parser into a folder, for a corpus; without a folder, the names of all parsers. */
    public static void main(String[] args) throws Exception {
        if (args.length == 0) {
            for (Parser each : Parser.values()) {
                System.out.println(each.name().toLowerCase(Locale.ROOT));
            }
            return;
        }
        int n = 0;
        for (byte[] seed : PARSER.seeds()) {
            Files.write(Path.of(args[0], "seed-" + n++), seed);
        }
    }
}
