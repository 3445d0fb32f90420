package org.hikyaku.real;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReference;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Net;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Sockets in the file system: who may connect, and what stands in the way; by epoll and by NIO. */
@ParameterizedClass
@ValueSource(booleans = {true, false})
class UnixSocketTest {
    @Parameter
    boolean epoll;

    private NetHouse house;

    @TempDir
    Path folder;

    @BeforeEach
    void open() {
        house = new NetHouse(NetHouse.settings(false).withEpoll(epoll));
    }

    @AfterEach
    void close() {
        house.close();
    }

    @Test
    void unixSocketsCarryBothWays() throws Exception {
        Path file = folder.resolve("s.sock");
        Ear server = new Ear().onText((ear, text) -> ear.say("250 " + text));
        Net.Listener listener = house.net.listen(new Endpoint.Unix(file), 4, wire -> server);
        Ear client = house.connect(listener, new Ear().onOpened((ear, wire) -> ear.say("LHLO\r\n")));
        assertThat(client.awaitClear(text -> text.endsWith("\r\n"))).isEqualTo("250 LHLO\r\n");
        assertThat(client.awaitOpened().remote()).isEqualTo(new Endpoint.Unix(file));
        client.doOnLoop(Wire::close);
        assertThat(server.awaitClosed()).isEmpty();
        assertThat(Files.getPosixFilePermissions(file)).hasSize(4);
    }

    @Test
    void aSocketFileLeftBehindIsReplacedButNoneThatIsInUse() throws Exception {
        Path file = folder.resolve("s.sock");
        Endpoint.Unix unix = new Endpoint.Unix(file);
        try (java.nio.channels.ServerSocketChannel dead =
                java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
            dead.bind(java.net.UnixDomainSocketAddress.of(file));
        }
        assertThat(file).exists();
        house.net.listen(unix, 4, wire -> new Ear());
        assertThatThrownBy(() -> house.net.listen(unix, 4, wire -> new Ear()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file + ": another process listens there");
        Path plain = Files.writeString(folder.resolve("plain"), "x");
        assertThatThrownBy(() -> house.net.listen(new Endpoint.Unix(plain), 4, wire -> new Ear()))
                .hasMessageContaining("no socket");
        assertThat(plain).exists();
    }

    @Test
    void noSocketWhereEverybodyMayPutHisOwn() throws Exception {
        Path open = Files.createDirectory(folder.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatThrownBy(() -> house.net.listen(new Endpoint.Unix(open.resolve("s.sock")), 4, wire -> new Ear()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("everybody may write in " + open);
        assertThat(open).isEmptyDirectory();
    }

    @Test
    void theKernelTellsWhoCallsOverAUnixSocketAndOverNoOther() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path file = folder.resolve("s.sock");
        Ear server = new Ear();
        Net.Listener listener = house.net.listenToUsers(new Endpoint.Unix(file), 4, wire -> server);
        Ear client = house.connect(listener, new Ear());
        int own = (Integer) Files.getAttribute(folder, "unix:uid");
        assertThat(server.awaitOpened().caller()).isEqualTo(epoll ? OptionalInt.of(own) : OptionalInt.empty());
        assertThat(client.awaitOpened().caller()).isEmpty();
        assertThat(house.net.userName(own)).isEqualTo(Files.getOwner(folder).getName());
        assertThat(house.net.userName(1_234_567)).isEqualTo("1234567");
        Ear tcp = new Ear();
        house.connect(house.listen(tcp), new Ear());
        assertThat(tcp.awaitOpened().caller()).isEmpty();
    }

    /** The call keeps its thread, and of those that tasks share there are as many as processors. */
    @Test
    void aUsersNameIsAskedForOnAThreadOfItsOwnOnly() throws Exception {
        AtomicReference<Throwable> cause = new AtomicReference<>();
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        house.net.userName(0);
                    } catch (IOException | IllegalStateException e) {
                        cause.set(e);
                    }
                })
                .join();
        assertThat(cause.get()).hasMessageContaining("on a thread that others need");
    }

    /** As root only: another user cannot be tried without. */
    @Test
    void anotherUserMayConnectAndIsKnown() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "needs root");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")) && Files.isExecutable(Path.of("/usr/bin/perl")));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path directory = Files.createDirectory(folder.resolve("submit"));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path file = directory.resolve("s.sock");
        Ear server = new Ear()
                .onOpened((ear, wire) -> ear.say("you are " + wire.caller().orElse(-1) + "\r\n"));
        house.net.listenToUsers(new Endpoint.Unix(file), 4, wire -> server);
        String connect =
                "socket(S,PF_UNIX,SOCK_STREAM,0); connect(S,sockaddr_un($ARGV[0])) or die $!; print scalar <S>";
        assertThat(asUser(4321, "perl", "-MSocket", "-e", connect, file.toString()))
                .isEqualTo(epoll ? "you are 4321\r\n" : "you are -1\r\n");
        Path control = directory.resolve("control.sock");
        house.net.listen(new Endpoint.Unix(control), 4, wire -> new Ear());
        assertThat(asUser(4321, "perl", "-MSocket", "-e", connect, control.toString()))
                .contains("Permission denied");
    }

    private static String asUser(int uid, String... command) throws Exception {
        List<String> whole =
                new ArrayList<>(List.of("/usr/bin/setpriv", "--reuid=" + uid, "--regid=" + uid, "--clear-groups"));
        whole.addAll(List.of(command));
        Process process = new ProcessBuilder(whole).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), US_ASCII);
    }

    @Test
    void noSocketForAllWhereAnotherMayPutHisOwn() throws Exception {
        Path shared = Files.createDirectory(folder.resolve("shared"));
        Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxr-x"));
        assertThatThrownBy(() ->
                        house.net.listenToUsers(new Endpoint.Unix(shared.resolve("s.sock")), 4, wire -> new Ear()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("a group may write in " + shared);
        assertThatThrownBy(() ->
                        house.net.listenToUsers(new Endpoint.Unix(folder.resolve("no/s.sock")), 4, wire -> new Ear()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("there is no directory " + folder.resolve("no"));
        assertThat(shared).isEmptyDirectory();
    }

    @Test
    void aMissingSocketFileIsUnreachable() {
        Ear client = new Ear();
        Endpoint missing = new Endpoint.Unix(folder.resolve("none"));
        house.net.connect(missing, Optional.empty(), NetHouse.LIMIT, client);
        assertThat(client.awaitClosed().map(WireFailure::kind)).contains(WireFailure.Kind.UNREACHABLE);
    }
}
