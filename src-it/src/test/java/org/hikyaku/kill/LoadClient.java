package org.hikyaku.kill;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sends numbered messages over one connection after the other until told to stop; remembers each number that got its 250.
 * A broken connection is what the test makes, so it only ends the loop.
 */
final class LoadClient implements Runnable {
    private static final int MESSAGES_PER_CONNECTION = 20;

    private final int port;
    private final AtomicLong numbers;
    private final Set<Long> acknowledged;
    private final AtomicBoolean stop;

    LoadClient(int port, AtomicLong numbers, Set<Long> acknowledged, AtomicBoolean stop) {
        this.port = port;
        this.numbers = numbers;
        this.acknowledged = acknowledged;
        this.stop = stop;
    }

    @Override
    public void run() {
        try {
            while (!stop.get()) {
                oneConnection();
            }
        } catch (IOException killed) {
            // the server was killed under us; what had no 250 is nobody's promise
        }
    }

    private void oneConnection() throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 2_000);
            socket.setSoTimeout(20_000);
            socket.setTcpNoDelay(true);
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            OutputStream out = socket.getOutputStream();
            expect(in, "220");
            say(out, "EHLO load.example\r\n");
            expect(in, "250");
            for (int i = 0; i < MESSAGES_PER_CONNECTION && !stop.get(); i++) {
                send(in, out, numbers.incrementAndGet());
            }
            say(out, "QUIT\r\n");
        }
    }

    private void send(BufferedReader in, OutputStream out, long number) throws IOException {
        say(out, "MAIL FROM:<load@elsewhere.example>\r\nRCPT TO:<box" + number % 10 + "@kill.example>\r\nDATA\r\n");
        expect(in, "250");
        expect(in, "250");
        expect(in, "354");
        say(out, text(number) + ".\r\n");
        expect(in, "250");
        acknowledged.add(number);
    }

    /** Every hundredth message is large, so that bodies in files of their own are killed too. */
    static String text(long number) {
        int lines = number % 100 == 0 ? 6_000 : 20 + (int) (number % 60);
        StringBuilder out = new StringBuilder(
                "From: load@elsewhere.example\r\nSubject: " + number + "\r\nX-Number: " + number + "\r\n\r\n");
        for (int i = 0; i < lines; i++) {
            out.append("line ").append(i).append(" of message ").append(number).append(" in mid-load\r\n");
        }
        return out.append("end of ").append(number).append("\r\n").toString();
    }

    private static void say(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    private static void expect(BufferedReader in, String code) throws IOException {
        String line;
        do {
            line = in.readLine();
            if (line == null || !line.startsWith(code)) {
                throw new IOException("wanted " + code + ", got " + line);
            }
        } while (line.length() > 3 && line.charAt(3) == '-');
    }
}
