package org.hikyaku.main;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * {@code hikyaku rehearse}: a server in a directory of its own, on a port of this machine alone, takes a letter and delivers it, is
 * asked what operators ask, and ends. Its classes are then those of any start: {@code bin/hikyaku-archive} has the
 * virtual machine keep them.
 *
 * <p><i>Failure:</i> the exit code and a line on standard error; the directory is removed all the same.
 */
@Command(name = "rehearse", description = "Start, take a letter, deliver it, end.", hidden = true)
final class RehearseCommand implements Callable<Integer> {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final int SILENCE_MAX_MILLIS = 20_000;
    private static final String DOMAIN = "rehearsal.test";
    private static final String USER = "anna@" + DOMAIN;
    private static final List<String> QUESTIONS = List.of("status", "queue list", "stop");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        Path home = Files.createTempDirectory("hikyaku-rehearsal");
        try {
            return rehearse(home);
        } finally {
            remove(home);
        }
    }

    private int rehearse(Path home) throws Exception {
        int port = freePort();
        Path config = configured(home, port);
        PrintWriter err = spec.commandLine().getErr();
        FutureTask<Integer> server = new FutureTask<>(() -> Main.run(nowhere(), err, "serve", "-c", config.toString()));
        Thread.ofPlatform().daemon().name("rehearsal").start(server);
        send(port, server);
        until(() -> hasMail(home.resolve("mail")), server, "the letter does not arrive");
        QUESTIONS.forEach(question -> Main.run(nowhere(), err, (question + " -c " + config).split(" ", -1)));
        return server.get();
    }

    private static Path configured(Path home, int port) throws IOException {
        DemoHome.addUser(home.resolve("users"), USER);
        return Files.writeString(home.resolve("hikyaku.conf"), """
                hostname = mail.%1$s
                data_dir = "."
                listeners { mx.endpoints = ["127.0.0.1:%2$d"], submission.endpoints = [], submissions.endpoints = [] }
                local { domains = [%1$s], postmaster = "%3$s" }
                auth.users = users
                """.formatted(DOMAIN, port, USER));
    }

    private static PrintWriter nowhere() {
        return new PrintWriter(Writer.nullWriter());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void send(int port, FutureTask<Integer> server) throws Exception {
        until(() -> isHeard(port), server, "the server does not come up");
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(SILENCE_MAX_MILLIS);
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            hear(in, "220");
            say(socket, in, "EHLO client." + DOMAIN, "250");
            say(socket, in, "MAIL FROM:<" + USER + ">", "250");
            say(socket, in, "RCPT TO:<" + USER + ">", "250");
            say(socket, in, "DATA", "354");
            say(socket, in, "From: <" + USER + ">\r\nSubject: Rehearsal\r\n\r\nIt runs.\r\n.", "250");
            say(socket, in, "QUIT", "221");
        }
    }

    private static boolean isHeard(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (ConnectException notYet) {
            return false;
        }
    }

    private static void say(Socket socket, BufferedReader in, String line, String code) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.flush();
        hear(in, code);
    }

    private static void hear(BufferedReader in, String code) throws IOException {
        String line;
        do {
            line = in.readLine();
            if (line == null || !line.startsWith(code)) {
                throw new IOException("the server says " + line + " instead of " + code);
            }
        } while (line.startsWith(code + "-"));
    }

    private static boolean hasMail(Path root) throws IOException {
        if (!Files.exists(root)) {
            return false;
        }
        try (Stream<Path> files = Files.walk(root)) {
            return files.anyMatch(file -> file.toString().contains("/new/"));
        }
    }

    private static void until(Callable<Boolean> holds, FutureTask<Integer> server, String otherwise) throws Exception {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!holds.call()) {
            if (server.isDone() || System.nanoTime() > end) {
                throw new IOException(otherwise);
            }
            Thread.sleep(PAUSE);
        }
    }

    private static void remove(Path home) throws IOException {
        try (Stream<Path> all = Files.walk(home)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
