package org.hikyaku.real;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;

/** The files that Unix domain sockets live in. What may be asked before the server runs is public. */
public final class UnixSockets {
    private UnixSockets() {}

    /**
     * Whoever may write in the directory of a socket may put his own in its place.
     *
     * <p><i>Failure:</i> {@link IOException} when that is everybody.
     */
    public static void requireOwnDirectory(Path file) throws IOException {
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
        requireTrustedDirectory(file, (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    }

    /**
     * As the other one.
     *
     * @param us the number of the user whom the server runs as
     */
    public static void requireTrustedDirectory(Path file, int us) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            throw new IOException("there is no directory " + directory + "; make it with mode 0755, ours");
        }
        int owner = (Integer) Files.getAttribute(directory, "unix:uid");
        if (owner != 0 && owner != us) {
            throw new IOException(directory + " belongs to neither the server's user nor root");
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
        requireNoOther(file);
        if (someoneListens(file)) {
            throw new IOException("another process listens there");
        }
        Files.delete(file);
    }

    /**
     * What has the name of a socket is not taken away unless it is one.
     *
     * <p><i>Failure:</i> {@link IOException} when it is something else; nothing at all is right.
     */
    public static void requireNoOther(Path file) throws IOException {
        boolean socket;
        try {
            socket = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .isOther();
        } catch (NoSuchFileException e) {
            return;
        }
        if (!socket) {
            throw new IOException("there is a file of that name that is no socket");
        }
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
