package org.hikyaku.main;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Tells systemd what the service is at (sd_notify(3)): one datagram to the Unix socket {@code $NOTIFY_SOCKET}. Java's own
 * channels know no such datagrams, so the three calls go to the C library.
 *
 * <p><i>Failure:</i> false; without the socket in the environment nothing is done.
 */
final class SystemdNotify {
    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int PATH_MAX = 107;
    private static final int FAMILY_OCTETS = 2;
    private static final ValueLayout INT = ValueLayout.JAVA_INT;
    private static final ValueLayout LONG = ValueLayout.JAVA_LONG;
    private static final ValueLayout ADDRESS = ValueLayout.ADDRESS;

    private SystemdNotify() {}

    /** {@code READY=1}, {@code STOPPING=1}, {@code STATUS=...}. */
    static boolean tell(String state) {
        return Optional.ofNullable(System.getenv("NOTIFY_SOCKET"))
                .filter(path -> !path.isEmpty())
                .map(path -> tell(path, state))
                .orElse(false);
    }

    static boolean tell(String path, String state) {
        byte[] name = path.getBytes(StandardCharsets.UTF_8);
        if (name.length > PATH_MAX) {
            return false;
        }
        if (name[0] == '@') {
            name[0] = 0; // an abstract socket
        }
        try (Arena arena = Arena.ofConfined()) {
            int fd = (int) call("socket", INT, INT, INT, INT).invokeExact(AF_UNIX, SOCK_DGRAM, 0);
            if (fd < 0) {
                return false;
            }
            MemorySegment address = arena.allocate(FAMILY_OCTETS + PATH_MAX + 1L);
            address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
            MemorySegment.copy(name, 0, address, ValueLayout.JAVA_BYTE, FAMILY_OCTETS, name.length);
            byte[] text = state.getBytes(StandardCharsets.UTF_8);
            MemorySegment octets = arena.allocate(Math.max(1, text.length));
            MemorySegment.copy(text, 0, octets, ValueLayout.JAVA_BYTE, 0, text.length);
            long sent = (long) call("sendto", LONG, INT, ADDRESS, LONG, INT, ADDRESS, INT)
                    .invokeExact(fd, octets, (long) text.length, 0, address, FAMILY_OCTETS + name.length);
            int closed = (int) call("close", INT, INT).invokeExact(fd);
            return sent == text.length && closed == 0;
        } catch (Throwable e) {
            throw new LinkageError("no datagram to " + path, e);
        }
    }

    @SuppressWarnings("restricted") // three calls of the C library whose shapes are written here
    private static MethodHandle call(String name, MemoryLayout result, MemoryLayout... arguments) {
        Linker linker = Linker.nativeLinker();
        MemorySegment address = linker.defaultLookup().find(name).orElseThrow();
        return linker.downcallHandle(address, FunctionDescriptor.of(result, arguments));
    }
}
