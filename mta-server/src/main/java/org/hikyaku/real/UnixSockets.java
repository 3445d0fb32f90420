package org.hikyaku.real;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;

/** The files that Unix domain sockets live in. */
final class UnixSockets {
    private UnixSockets() {}

    /**
     * Whoever may write in the directory of a socket may put his own in its place.
     *
     * <p><i>Failure:</i> {@link IOException} when that is everybody.
     */
    static void requireOwnDirectory(Path file) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory != null
                && Files.isDirectory(directory)
                && Files.getPosixFilePermissions(directory).contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new IOException("everybody may write in " + directory + "; give the socket a directory of mode 0750");
        }
    }

    /**
     * Where everybody may connect, whoever could put his own socket in its place would be given everybody's mail.
     *
     * <p><i>Failure:</i> {@link IOException} when that is another than we and root, or there is no such directory.
     */
    static void requireTrustedDirectory(Path file) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            throw new IOException("there is no directory " + directory + "; make it with mode 0755, ours");
        }
        int owner = (Integer) Files.getAttribute(directory, "unix:uid");
        if (owner != 0 && owner != (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid")) {
            throw new IOException(directory + " belongs to neither us nor root");
        }
        if (Files.getPosixFilePermissions(directory).contains(PosixFilePermission.GROUP_WRITE)) {
            throw new IOException("a group may write in " + directory + "; give it the mode 0755");
        }
    }

    /**
     * Removes the socket file of a process that is gone.
     *
     * <p><i>Failure:</i> {@link IOException} when someone listens there, or the file is no socket.
     */
    static void clear(Path file) throws IOException {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther()) {
            throw new IOException("there is a file of that name that is no socket");
        }
        if (someoneListens(file)) {
            throw new IOException("another process listens there");
        }
        Files.delete(file);
    }

    /** Owner and group may connect. */
    static void restrict(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw----"));
    }

    /** Whoever enters its directory may connect. */
    static void open(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
    }

    private static boolean someoneListens(Path file) {
        try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(file))) {
            return probe.isConnected();
        } catch (IOException refused) {
            return false;
        }
    }
}
