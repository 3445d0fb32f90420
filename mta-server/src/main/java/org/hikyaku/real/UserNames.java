package org.hikyaku.real;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/**
 * The names of this host's users, by the C library (getpwuid_r), which asks whatever the host is set up to ask. The JDK tells
 * them of owners of files only.
 *
 * <p><i>Failure:</i> {@link IOException} when it cannot be asked or says that it does not know now.
 */
@SuppressWarnings("restricted") // native code, which the commands are started with leave for
final class UserNames {
    /** Above any struct passwd; its first member is the name in all of them. */
    private static final int RECORD = 512;

    private static final int TEXT_MIN = 4096;
    private static final int TEXT_MAX = 1 << 20;
    /** Of Linux. */
    private static final int ERANGE = 34;

    private UserNames() {}

    /** The name, or the number where there is none. May wait, and a virtual thread would keep its carrier from all others. */
    static String of(int uid) throws IOException {
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException("a user's name is asked for on a thread that others need");
        }
        for (int room = TEXT_MIN; room <= TEXT_MAX; room *= 4) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment result = arena.allocate(ValueLayout.ADDRESS);
                int error = (int)
                        handle().invokeExact(uid, arena.allocate(RECORD), arena.allocate(room), (long) room, result);
                if (error == 0) {
                    return name(result.get(ValueLayout.ADDRESS, 0), uid);
                }
                if (error != ERANGE) {
                    throw new IOException("the host does not tell who user " + uid + " is: error " + error);
                }
            } catch (IOException | Error | RuntimeException e) {
                throw e;
            } catch (Throwable e) {
                throw new IOException("the host does not tell who user " + uid + " is", e);
            }
        }
        throw new IOException("what the host tells of user " + uid + " is too long");
    }

    private static String name(MemorySegment found, int uid) {
        if (found.address() == 0) {
            return Integer.toUnsignedString(uid);
        }
        MemorySegment name = found.reinterpret(RECORD).get(ValueLayout.ADDRESS, 0);
        return name.reinterpret(TEXT_MAX).getString(0, StandardCharsets.UTF_8);
    }

    /** Linked anew each time: this is asked once a connection, and a linked one would be static state. */
    private static MethodHandle handle() throws IOException {
        Linker linker = Linker.nativeLinker();
        MemorySegment function = linker.defaultLookup()
                .find("getpwuid_r")
                .orElseThrow(() -> new IOException("this system has no getpwuid_r"));
        return linker.downcallHandle(
                function,
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.ADDRESS));
    }
}
