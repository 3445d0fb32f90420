package org.hikyaku.main;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.hikyaku.real.RealDisk;
import org.hikyaku.real.RealEntropy;
import org.hikyaku.sasl.PasswordHash;
import org.hikyaku.table.UsersFile;

/**
 * The directory of a server to try: made at the first start, left as it is later.
 *
 * @param password of the user that was made just now; empty at later starts, as it is kept nowhere
 */
record DemoHome(Path directory, Optional<String> password) {
    private static final String USER = "anna@demo.test";
    private static final String LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";
    private static final int PASSWORD_LENGTH = 16;

    private static final String CONFIG = """
            # A server to try, made by `hikyaku demo`. conf/hikyaku.conf explains every setting.
            hostname = mail.demo.test
            data_dir = "."

            listeners {
              mx.endpoints = ["127.0.0.1:2525"]
              submission.endpoints = ["127.0.0.1:2587"]
              submissions.endpoints = ["127.0.0.1:2465"]
            }

            local {
              domains = [demo.test]
              postmaster = "anna@demo.test"
            }

            auth.users = users
            """;

    static DemoHome prepare(Path directory) throws IOException {
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-x---")));
        Path config = directory.resolve("hikyaku.conf");
        Optional<String> password = Optional.empty();
        if (!Files.exists(directory.resolve("users"))) {
            password = Optional.of(addUser(directory.resolve("users"), USER));
        }
        if (!Files.exists(config)) {
            Files.writeString(config, CONFIG);
        }
        return new DemoHome(directory, password);
    }

    /** A user with a password of chance, which is returned. */
    static String addUser(Path users, String name) throws IOException {
        RealEntropy entropy = new RealEntropy();
        StringBuilder password = new StringBuilder();
        for (int i = 0; i < PASSWORD_LENGTH; i++) {
            password.append(LETTERS.charAt(entropy.below(LETTERS.length())));
        }
        PasswordHash hash = UsersFile.hash(password.toString(), entropy).orElseThrow();
        Optional<String> refused = new UsersFile(new RealDisk(), users).add(name, hash);
        if (refused.isPresent()) {
            throw new IOException(refused.get());
        }
        return password.toString();
    }

    Path config() {
        return directory.resolve("hikyaku.conf");
    }

    /** What a person who has just started it wants to know. */
    String whatNext() {
        String known = password.map(p -> "User " + USER + " has the password " + p + " (it is shown this once).")
                .orElse("User " + USER + " is there since the first start, which showed the password;\n"
                        + "forgotten: stop, remove " + directory + ", start again.");
        return """

                The server runs. %s

                Send a message with it:

                  printf 'From: %s\\r\\nTo: %s\\r\\nSubject: Hello\\r\\n\\r\\nIt runs.\\r\\n' |
                    curl -sSk --ssl-reqd smtp://127.0.0.1:2587 --user %s:%s \\
                      --mail-from %s --mail-rcpt %s --upload-file -

                and read it where it arrived:

                  cat %s/mail/demo.test/anna/new/*

                Ports: 2525 (from other servers), 2587 (STARTTLS), 2465 (TLS). Configuration: %s
                Ctrl-C stops it.
                """.formatted(known, USER, USER, USER, password.orElse("PASSWORD"), USER, USER, directory, config());
    }
}
