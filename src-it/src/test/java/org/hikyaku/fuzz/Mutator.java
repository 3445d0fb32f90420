package org.hikyaku.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Makes strange octets of known ones, without looking what they reach; one seed, one row of them. */
final class Mutator {
    private static final int LENGTH_MAX = 6000;
    private static final List<byte[]> WORDS = List.of(
                    "\r\n",
                    "\n",
                    "\r",
                    "\0",
                    ".",
                    "\r\n.\r\n",
                    "\n.\n",
                    "\r.\r",
                    "<",
                    ">",
                    "@",
                    "\"",
                    "\\",
                    ":",
                    " ",
                    "\t",
                    "=",
                    "+",
                    ",",
                    ";",
                    "(",
                    ")",
                    "[",
                    "]",
                    "--",
                    "--b\r\n",
                    "--b--",
                    "\u00ff",
                    "\u00c3",
                    "\u00e9",
                    "xn--",
                    "250-",
                    "550 ",
                    "n=",
                    "r=",
                    "multipart/mixed",
                    "boundary=",
                    "message/rfc822",
                    "base64",
                    "0",
                    "99999999999999999999",
                    "-1")
            .stream()
            .map(word -> word.getBytes(ISO_8859_1))
            .toList();

    private final SplittableRandom random;
    private final List<byte[]> seeds;

    Mutator(long seed, List<byte[]> seeds) {
        this.random = new SplittableRandom(seed);
        this.seeds = seeds;
    }

    byte[] next() {
        byte[] octets = any();
        for (int changes = 1 + random.nextInt(6); changes > 0; changes--) {
            octets = changed(octets);
        }
        return octets;
    }

    private byte[] any() {
        return seeds.get(random.nextInt(seeds.size()));
    }

    private byte[] changed(byte[] octets) {
        int from = random.nextInt(octets.length + 1);
        int to = Math.min(octets.length, from + random.nextInt(1 + (random.nextInt(8) == 0 ? 400 : 12)));
        return switch (random.nextInt(7)) {
            case 0 -> joined(octets, from, new byte[] {(byte) random.nextInt(256)}, Math.min(from + 1, octets.length));
            case 1 -> joined(octets, from, WORDS.get(random.nextInt(WORDS.size())), from);
            case 2 -> joined(octets, from, WORDS.get(random.nextInt(WORDS.size())), to);
            case 3 -> joined(octets, from, new byte[0], to);
            case 4 -> joined(octets, to, slice(octets, from, to), to);
            case 5 -> {
                byte[] other = any();
                int start = random.nextInt(other.length + 1);
                yield joined(octets, from, slice(other, start, Math.min(other.length, start + random.nextInt(60))), to);
            }
            default -> joined(octets, from, many(), from);
        };
    }

    private byte[] many() {
        byte[] word = WORDS.get(random.nextInt(WORDS.size()));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int n = random.nextInt(random.nextInt(10) == 0 ? 300 : 5); n >= 0; n--) {
            out.writeBytes(word);
        }
        return out.toByteArray();
    }

    private static byte[] slice(byte[] octets, int from, int to) {
        return Arrays.copyOfRange(octets, from, to);
    }

    private static byte[] joined(byte[] octets, int head, byte[] middle, int tail) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(octets, 0, head);
        out.writeBytes(middle);
        out.write(octets, tail, octets.length - tail);
        byte[] all = out.toByteArray();
        return all.length <= LENGTH_MAX ? all : slice(all, 0, LENGTH_MAX);
    }
}
