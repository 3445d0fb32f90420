package org.hikyaku.powercut;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sends letters, one connection after the other, until told to stop; writes down each id it was given. */
final class Client implements Runnable {
    private static final int LETTERS_PER_CONNECTION = 15;
    private static final Pattern TAKEN = Pattern.compile("250 2\\.0\\.0 Message taken as ([0-9a-z]+)");

    private final int port;
    private final Ledger ledger;
    private final AtomicBoolean stop;

    Client(int port, Ledger ledger, AtomicBoolean stop) {
        this.port = port;
        this.ledger = ledger;
        this.stop = stop;
    }

    @Override
    public void run() {
        try {
            while (!stop.get()) {
                oneConnection();
            }
        } catch (IOException killed) {
            // what had no 250 is nobody's promise
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
            for (int i = 0; i < LETTERS_PER_CONNECTION && !stop.get(); i++) {
                send(in, out, new Letter(ledger.numbers.incrementAndGet()));
            }
            say(out, "QUIT\r\n");
        }
    }

    private void send(BufferedReader in, OutputStream out, Letter letter) throws IOException {
        say(out, "MAIL FROM:<" + letter.sender() + ">\r\n");
        expect(in, "250");
        for (String recipient : letter.recipients()) {
            say(out, "RCPT TO:<" + recipient + ">\r\n");
            expect(in, "250");
        }
        say(out, "DATA\r\n");
        expect(in, "354");
        out.write(letter.text());
        say(out, ".\r\n");
        Matcher id = TAKEN.matcher(expect(in, "250"));
        if (!id.find()) {
            throw new IllegalStateException("a 250 without an id");
        }
        ledger.add("promised", id.group(1), letter.number());
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
