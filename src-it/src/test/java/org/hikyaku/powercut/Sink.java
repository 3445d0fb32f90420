package org.hikyaku.powercut;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The next host: takes, refuses for now or for good what {@link Letter} says, and writes down what it took before it
 * answers.
 *
 * <p><i>Failure:</i> a connection that breaks is forgotten; a letter that is not whole is refused and remembered.
 */
final class Sink implements AutoCloseable {
    private final ServerSocket socket;
    private final Ledger ledger;
    private final Set<String> seen = ConcurrentHashMap.newKeySet();
    private final Set<String> broken = ConcurrentHashMap.newKeySet();

    Sink(Ledger ledger) throws IOException {
        this.ledger = ledger;
        this.socket = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return socket.getLocalPort();
    }

    /** Letters that came and were not whole. */
    Set<String> broken() {
        return broken;
    }

    private void accept() {
        try {
            while (true) {
                Socket connection = socket.accept();
                Thread.ofVirtual().start(() -> serve(connection));
            }
        } catch (IOException closed) {
            if (!socket.isClosed()) {
                throw new UncheckedIOException(closed);
            }
        }
    }

    private void serve(Socket connection) {
        try (connection;
                BufferedReader in = new BufferedReader(
                        new InputStreamReader(connection.getInputStream(), StandardCharsets.ISO_8859_1))) {
            connection.setTcpNoDelay(true);
            say(connection, "220 sink.example ESMTP\r\n");
            List<String> recipients = new ArrayList<>();
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String verb = line.split("[ :]", 2)[0].toUpperCase(Locale.ROOT);
                switch (verb) {
                    case "EHLO" -> say(connection, "250-sink.example\r\n250 PIPELINING\r\n");
                    case "RCPT" -> say(connection, recipient(line, recipients));
                    case "DATA" -> data(connection, in, recipients);
                    case "QUIT" -> {
                        say(connection, "221 2.0.0 bye\r\n");
                        return;
                    }
                    default -> {
                        recipients.clear();
                        say(connection, "250 2.0.0 yes\r\n");
                    }
                }
            }
        } catch (IOException gone) {
            // the server was killed
            return;
        }
    }

    private String recipient(String line, List<String> recipients) {
        String address = line.substring(line.indexOf('<') + 1, line.indexOf('>'));
        if (address.startsWith(Letter.REFUSED)) {
            return "550 5.1.1 nobody here\r\n";
        }
        boolean first = seen.add(address);
        if (address.startsWith(Letter.NEVER) || (first && address.startsWith(Letter.LATER))) {
            return "451 4.3.0 not now\r\n";
        }
        recipients.add(address);
        return "250 2.1.5 yes\r\n";
    }

    private void data(Socket connection, BufferedReader in, List<String> recipients) throws IOException {
        if (recipients.isEmpty()) {
            say(connection, "554 5.5.1 no recipients\r\n");
            return;
        }
        say(connection, "354 go on\r\n");
        StringBuilder text = new StringBuilder();
        for (String line = in.readLine(); !".".equals(line); line = in.readLine()) {
            if (line == null) {
                return;
            }
            text.append(line.startsWith(".") ? line.substring(1) : line).append("\r\n");
        }
        long number = Letter.numberIn(text.toString());
        if (number < 0 || !new Letter(number).isWholeIn(text.toString())) {
            broken.add(recipients.toString());
            say(connection, "554 5.6.0 not whole\r\n");
            return;
        }
        recipients.forEach(recipient -> ledger.add("taken", recipient, Ledger.now()));
        recipients.clear();
        say(connection, "250 2.0.0 taken\r\n");
    }

    private static void say(Socket connection, String text) throws IOException {
        OutputStream out = connection.getOutputStream();
        out.write(text.getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
