package org.hikyaku.main;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** sendmail -bs: what goes in, comes out and is its exit code. */
class SendmailSessionTest {
    @TempDir
    private Path folder = Path.of("/");

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String input) {
        InputStream in = new ByteArrayInputStream(input.getBytes(US_ASCII));
        return SendmailSession.run(folder.resolve("s"), in, out, new PrintStream(err, true));
    }

    /** A server that says a greeting, reads all that comes to its end if it is to, and says a last word. */
    private Thread server(ServerSocketChannel listening, String greeting, StringBuilder heard, String last)
            throws Exception {
        listening.bind(UnixDomainSocketAddress.of(folder.resolve("s")));
        return Thread.ofPlatform().daemon().start(() -> {
            try (SocketChannel channel = listening.accept()) {
                channel.write(ByteBuffer.wrap(greeting.getBytes(US_ASCII)));
                if (!last.isEmpty()) {
                    heard.append(new String(Channels.newInputStream(channel).readAllBytes(), US_ASCII));
                    channel.write(ByteBuffer.wrap(last.getBytes(US_ASCII)));
                }
            } catch (java.io.IOException e) {
                heard.append(e);
            }
        });
    }

    @Test
    void octetsGoBothWaysUntilTheServerCloses() throws Exception {
        StringBuilder heard = new StringBuilder();
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            Thread server = server(listening, "220 here\r\n", heard, "250 Noted\r\n221 Bye\r\n");
            assertThat(run("NOOP\r\n" + "x".repeat(100_000) + "\r\nQUIT\r\n")).isZero();
            server.join();
        }
        assertThat(heard).hasSize(100_014).startsWith("NOOP\r\n").endsWith("\r\nQUIT\r\n");
        assertThat(out.toString(US_ASCII)).isEqualTo("220 here\r\n250 Noted\r\n221 Bye\r\n");
        assertThat(err.size()).isZero();
    }

    @Test
    void aServerThatTurnsAwayIsToBeTriedAgain() throws Exception {
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            Thread server = server(listening, "421 4.3.2 stopping\r\n", new StringBuilder(), "");
            assertThat(run("")).isEqualTo(75);
            server.join();
        }
        assertThat(out.toString(US_ASCII)).isEqualTo("421 4.3.2 stopping\r\n");
    }

    @ParameterizedTest
    @CsvSource({
        "EHLO a~DATA~.~, EHLO a|DATA|.|",
        "EHLO a|one~two|~, EHLO a|one~two|~",
        "~EHLO a|x~, |EHLO a|x|",
        "~BDAT 9 LAST~a~b~RSET~QUIT~, |BDAT 9 LAST|a~b~RSET~QUIT|", // what is counted is nobody's to make longer
        "~bdat 4~a~b~BDAT 2 LAST~c~~QUIT~, |bdat 4|a~b~BDAT 2 LAST|c~|QUIT|",
        "~BDAT 1~^~QUIT~, |BDAT 1|^|QUIT|",
        "~BDAT 2~|~QUIT~, |BDAT 2|||QUIT|",
        "~BDAT 0 LAST~NOOP~, |BDAT 0 LAST|NOOP|",
        "~DATA~BDAT 9~a~b~c~d~e~.~BDAT 2~x~Q~, |DATA|BDAT 9|a|b|c|d|e|.|BDAT 2|x~Q|"
    })
    void whoEndsItsFirstLineAsTheHostDoesMayEndAllSo(String input, String said) throws Exception {
        StringBuilder heard = new StringBuilder();
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            Thread server = server(listening, "220 here\r\n", heard, "221 Bye\r\n");
            run(input.replace("|", "\r\n").replace('~', '\n').replace('^', '\r'));
            server.join();
        }
        assertThat(heard)
                .hasToString(said.replace("|", "\r\n").replace('~', '\n').replace('^', '\r'));
    }

    private static final String MESSAGE = "MAIL FROM:<a@b.example>|RCPT TO:<c@d.example>|DATA|Subject: s||QUIT|.|";
    private static final String TAKEN = "250 2.1.0 Ok|250 2.1.5 Ok|354 Go on|250 2.0.0 Stored|";

    private static String lines(String text) {
        return text.replace("MESSAGE|", MESSAGE).replace("TAKEN|", TAKEN).replace("|", "\r\n");
    }

    /** Its socket is closed as in order when it is killed; whoever left a message to it must not believe that it has it. */
    @ParameterizedTest
    @CsvSource({
        "'', 220 here|, 0",
        "EHLO a|, 220 here|250-HELP|250 SIZE|, 0",
        "EHLO a|MESSAGE|, 220 here|250 HELP|TAKEN|, 0",
        "EHLO a|MESSAGE|MESSAGE|, 220 here|250 HELP|TAKEN|TAKEN|, 0",
        "EHLO a|MAIL FROM:<>|RSET|, 220 here|250 HELP|250 2.1.0 Ok|250 2.0.0 Ok|, 0",
        "MAIL FROM:<>|RCPT TO:<a@b>|BDAT 6|MAIL|BDAT 0 LAST|, 220 x|250 2.1.0 Ok|250 2.1.5 Ok|250 x|250 2.0.0 Ok|, 0",
        "EHLO a|MAIL FROM:<x@y>|, 220 here|250 HELP|553 5.7.1 Not yours|, 0",
        "EHLO a|MAIL FROM:<x@y>|QUIT|, 220 here|250 HELP|250 2.1.0 Ok|221 Bye|, 0",
        "EHLO a|, 220 here|, 75",
        "EHLO a|MESSAGE|, 220 here|250 HELP|, 75",
        "EHLO a|MESSAGE|MESSAGE|, 220 here|250 HELP|TAKEN|, 75",
        "EHLO a|MESSAGE|MESSAGE|, 220 here|250 HELP|TAKEN|250 2.1.0 Ok|250 2.1.5 Ok|354 Go on|, 75",
        "EHLO a|MESSAGE|QUIT|, 220 here|250 HELP|TAKEN|, 75",
        "EHLO a|MESSAGE|MAIL FROM:<>|, 220 here|250 HELP|TAKEN|250 2.1.0 Ok|, 75",
        "EHLO a|MAIL FROM:<>|RCPT TO:<a@b>|, 220 here|250 HELP|250 2.1.0 Ok|550 5.1.1 No such user|, 75",
        "EHLO a|MESSAGE|, 220 here|250 HELP|250 2.1.0 Ok|250 2.1.5 Ok|354 Go on|451 4.3.0 Not now|, 75",
        "EHLO a|MESSAGE|, 220 here|250 HELP|250 2.1.0 Ok|550 5.1.1 No|554 5.5.1 None|500 x|500 x|221 Bye|500 x, 75",
        "MAIL FROM:<>|RCPT TO:<a@b>|BDAT 6|MAIL|BDAT 0 LAST|, 220 x|250 2.1.0 Ok|250 2.1.5 Ok|250 x|, 75",
        "EHLO a|, 220 here|250-HELP|, 75",
        "EHLO a|, 220 here|250 HELP, 75",
        "EHLO a|, 220 here|421 4.4.2 Idle|, 75"
    })
    void aServerThatGoesAwayIsNotBelieved(String input, String replies, int code) throws Exception {
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            Thread server = server(listening, "", new StringBuilder(), lines(replies));
            assertThat(run(lines(input))).isEqualTo(code);
            server.join();
        }
        out.reset();
        Files.delete(folder.resolve("s"));
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                PipedOutputStream open = new PipedOutputStream();
                InputStream in = new PipedInputStream(open)) {
            Thread server = server(listening, "220 here\r\n250 HELP\r\n", new StringBuilder(), "");
            assertThat(SendmailSession.run(folder.resolve("s"), in, out, new PrintStream(err, true)))
                    .isEqualTo(75); // there was more to say
            server.join();
        }
    }

    @Test
    void withoutAServerItSaysSoToThePersonAndToTheProgram() throws Exception {
        assertThat(run("QUIT\r\n")).isEqualTo(75);
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(folder.resolve("s")));
        }
        assertThat(run("QUIT\r\n")).isEqualTo(75); // its file is left behind
        assertThat(out.toString(US_ASCII).lines()).hasSize(2).allMatch(line -> line.startsWith("421 4.3.2 "));
        assertThat(err.toString(US_ASCII).lines())
                .hasSize(2)
                .allMatch(line -> line.contains("no server takes mail at "));
    }
}
