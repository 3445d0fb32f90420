package org.hikyaku.daemon;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sends mail, pipelined, one connection after the other, until told to stop or the server ends; tells of each message that got its
 * 250, with the id in it.
 *
 * <p><i>Failure:</i> a broken connection is what the tests make, so it only ends the client: what had no 250 is nobody's promise.
 * Another reply than the good one ends it with an {@link IllegalStateException}, which {@link Load#end} throws.
 *
 * @param <M> what it sends
 */
final class Client<M extends Mail> implements Runnable {
    private static final int MESSAGES_PER_CONNECTION = 20;
    private static final Pattern TAKEN = Pattern.compile("250 2\\.0\\.0 Message taken as ([0-9a-z]+)");

    private final int port;
    private final AtomicBoolean stop;
    private final Supplier<M> next;
    private final BiConsumer<String, M> taken;

    Client(int port, AtomicBoolean stop, Supplier<M> next, BiConsumer<String, M> taken) {
        this.port = port;
        this.stop = stop;
        this.next = next;
        this.taken = taken;
    }

    @Override
    public void run() {
        try {
            while (!stop.get()) {
                oneConnection();
            }
        } catch (IOException killed) {
            // see above
        }
    }

    private void oneConnection() throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 5_000);
            socket.setSoTimeout(30_000);
            socket.setTcpNoDelay(true);
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            OutputStream out = socket.getOutputStream();
            expect(in, "220");
            say(out, "EHLO load.example\r\n");
            expect(in, "250");
            for (int i = 0; i < MESSAGES_PER_CONNECTION && !stop.get(); i++) {
                send(in, out, next.get());
            }
            say(out, "QUIT\r\n");
        }
    }

    private void send(BufferedReader in, OutputStream out, M mail) throws IOException {
        List<String> commands = new ArrayList<>(List.of("MAIL FROM:<" + mail.sender() + ">"));
        mail.recipients().forEach(recipient -> commands.add("RCPT TO:<" + recipient + ">"));
        say(out, String.join("\r\n", commands) + "\r\nDATA\r\n");
        for (int i = 0; i < commands.size(); i++) {
            expect(in, "250");
        }
        expect(in, "354");
        out.write(mail.text());
        say(out, ".\r\n");
        Matcher id = TAKEN.matcher(expect(in, "250"));
        if (!id.find()) {
            throw new IllegalStateException("a 250 without an id");
        }
        taken.accept(id.group(1), mail);
    }

    private static void say(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    private static String expect(BufferedReader in, String code) throws IOException {
        String line;
        do {
            line = in.readLine();
            if (line == null || line.startsWith("421")) {
                throw new IOException("the server ends: " + line);
            }
            if (!line.startsWith(code)) {
                throw new IllegalStateException("wanted " + code + ", got " + line);
            }
        } while (line.length() > 3 && line.charAt(3) == '-');
        return line;
    }
}
