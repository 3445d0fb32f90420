package org.hikyaku.main;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * {@code sendmail -bs}: SMTP on standard input and output, carried to the socket of a running server, which knows by the kernel who
 * calls. A main class of its own that needs no library, so that it starts as soon as Java does.
 *
 * <p><i>Failure:</i> 75 when no server answers, of which the caller hears 421 in the place of a greeting, when it says 421, and when it goes
 * away before the session is at its end: before 221, unless there was no more to say and all is answered ({@link SessionTally}).
 */
final class SendmailSession {
    private static final String USUAL = "/run/hikyaku-submit/smtp";
    /** EX_TEMPFAIL of sysexits.h. */
    private static final int TRY_AGAIN = 75;

    private static final int PIECE = 16 * 1024;

    private SendmailSession() {}

    /** The variable {@code HIKYAKU_SUBMIT} names another socket than the usual one. */
    public static void main(String[] args) {
        Path socket = Path.of(Optional.ofNullable(System.getenv("HIKYAKU_SUBMIT"))
                .filter(text -> !text.isEmpty())
                .orElse(USUAL));
        int code = run(socket, System.in, System.out, System.err);
        System.out.flush();
        System.exit(code); // what waits for more input ends with it
    }

    /** Carries octets both ways until the server closes ({@link HostLineEnds}); the exit code. */
    static int run(Path socket, InputStream in, OutputStream out, PrintStream err) {
        SocketChannel channel;
        try {
            channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException | IllegalArgumentException e) {
            return refused(socket, out, err, e);
        }
        try (channel) {
            AtomicBoolean ended = new AtomicBoolean();
            SessionTally tally = new SessionTally();
            Thread.ofPlatform().daemon().start(() -> send(in, channel, tally, ended));
            receive(channel, out, tally);
            return tally.isEnd(ended.get()) ? 0 : TRY_AGAIN;
        } catch (IOException e) {
            err.println("sendmail: the connection to the server broke: " + e.getMessage());
            return TRY_AGAIN;
        }
    }

    private static int refused(Path socket, OutputStream out, PrintStream err, Exception why) {
        err.println("sendmail: no server takes mail at " + socket + " (" + why.getMessage()
                + "): it does not run, or listeners.host has no such endpoint");
        try {
            out.write(
                    "421 4.3.2 No server takes mail here now, come back later\r\n".getBytes(StandardCharsets.US_ASCII));
            out.flush();
        } catch (IOException e) {
            return TRY_AGAIN; // nobody listens any more
        }
        return TRY_AGAIN;
    }

    private static void send(InputStream in, SocketChannel channel, SessionTally tally, AtomicBoolean ended) {
        byte[] piece = new byte[PIECE];
        HostLineEnds ends = new HostLineEnds(tally);
        try {
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                byte[] said = ends.of(piece, count);
                ByteBuffer octets = ByteBuffer.wrap(said);
                while (octets.hasRemaining()) {
                    channel.write(octets);
                }
            }
            ended.set(true);
            channel.shutdownOutput();
        } catch (IOException e) {
            // the server has closed, which the other direction hears
        }
    }

    private static void receive(SocketChannel channel, OutputStream out, SessionTally tally) throws IOException {
        InputStream replies = Channels.newInputStream(channel);
        byte[] piece = new byte[PIECE];
        for (int count = replies.read(piece); count >= 0; count = replies.read(piece)) {
            tally.heard(piece, count); // before the program hears it, and goes on
            out.write(piece, 0, count);
            out.flush();
        }
    }
}
