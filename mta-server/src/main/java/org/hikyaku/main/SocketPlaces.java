package org.hikyaku.main;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.hikyaku.real.UnixSockets;
import org.hikyaku.world.FileTrouble;

/**
 * Whether the server could make its Unix sockets where a configuration wants them: what it asks when it starts, asked before, for the
 * user whom it will run as. That is the owner of {@code data_dir}.
 *
 * <p><i>Failure:</i> of what cannot be seen from here nothing is said but that.
 */
final class SocketPlaces {
    /** Where those who start a service make directories for it, and take them away when it ends. */
    private static final Path RUN = Path.of("/run");

    /** Empty while there is no {@code data_dir}, or none that we see. */
    private final OptionalInt us;

    private final List<String> problems;
    private final List<String> notes;

    SocketPlaces(Path dataDir, List<String> problems, List<String> notes) {
        this.us = owner(dataDir);
        this.problems = problems;
        this.notes = notes;
    }

    /** What is known of the place of a directory. */
    private enum Sight {
        THERE,
        ANOTHER_FILE,
        MISSING,
        HIDDEN
    }

    /** The socket of a listener, for everybody. Its directory must be there already. */
    void listener(String what, Path socket) {
        Path directory = directory(socket);
        switch (look(directory)) {
            case THERE -> {
                OptionalInt owner = owner(directory);
                require(what, directory, () -> {
                    UnixSockets.requireTrustedDirectory(socket, us.orElse(owner.orElse(0)));
                    UnixSockets.requireOwnDirectory(socket);
                    UnixSockets.requireNoOther(socket);
                });
                if (us.isEmpty() && owner.orElse(0) != 0) {
                    notes.add(what + ": only a server that runs as the owner of " + directory
                            + ", or as root, listens there");
                }
            }
            case ANOTHER_FILE -> problems.add(what + ": " + directory + " is no directory");
            case HIDDEN -> notes.add(unseen(what, directory));
            case MISSING -> missing(what, directory, "; make it with mode 0755, the server's own");
        }
    }

    /** The control socket. Its directory is made at the start. */
    void control(String what, Path socket) {
        Path directory = directory(socket);
        switch (look(directory)) {
            case THERE ->
                require(what, directory, () -> {
                    UnixSockets.requireOwnDirectory(socket);
                    UnixSockets.requireNoOther(socket);
                });
            case ANOTHER_FILE -> problems.add(what + ": " + directory + " is no directory");
            case HIDDEN -> notes.add(unseen(what, directory));
            case MISSING -> {
                Path above = nearest(directory);
                if (look(above) == Sight.ANOTHER_FILE) {
                    problems.add(what + ": " + above + " is no directory");
                } else if (!mayWrite(above)) {
                    missing(what, directory, ", and the server's user may not make it");
                }
            }
        }
    }

    /** What the server asks when it starts. */
    private interface Question {
        void ask() throws IOException;
    }

    private void require(String what, Path directory, Question question) {
        try {
            question.ask();
            if (!mayWrite(directory)) {
                problems.add(what + ": the server's user, who owns data_dir, may not write in " + directory);
            }
        } catch (AccessDeniedException e) {
            notes.add(unseen(what, directory));
        } catch (IOException e) {
            problems.add(what + ": " + FileTrouble.why(e));
        }
    }

    private void missing(String what, Path directory, String advice) {
        String why = what + ": there is no directory " + directory;
        if (isMadeAtTheStart(directory)) {
            notes.add(
                    why
                            + " now; whatever starts the server must make it, as RuntimeDirectory of conf/hikyaku.service does");
        } else {
            problems.add(why + advice);
        }
    }

    private static String unseen(String what, Path directory) {
        return what + ": " + directory + " cannot be seen from here; run this as the server's user";
    }

    private static Path directory(Path socket) {
        Path file = socket.toAbsolutePath();
        Path parent = file.getParent();
        return parent == null ? file : parent;
    }

    private static Sight look(Path directory) {
        try {
            return (Boolean) Files.getAttribute(directory, "isDirectory") ? Sight.THERE : Sight.ANOTHER_FILE;
        } catch (AccessDeniedException e) {
            return Sight.HIDDEN;
        } catch (IOException e) {
            return Sight.MISSING;
        }
    }

    /** The nearest above that is there. */
    private static Path nearest(Path missing) {
        Path above = missing;
        while (above.getParent() != null && look(above) == Sight.MISSING) {
            above = above.getParent();
        }
        return above;
    }

    /** Also where /var/run leads there. */
    private static boolean isMadeAtTheStart(Path directory) {
        Path above = nearest(directory);
        try {
            return above.toRealPath()
                    .resolve(above.relativize(directory))
                    .normalize()
                    .startsWith(RUN);
        } catch (IOException e) {
            return directory.startsWith(RUN);
        }
    }

    private static OptionalInt owner(Path directory) {
        try {
            return OptionalInt.of((Integer) Files.getAttribute(directory, "unix:uid"));
        } catch (IOException e) {
            return OptionalInt.empty();
        }
    }

    /** Whether the server's user may make a file there, as far as is known: in which groups he is, is not. */
    private boolean mayWrite(Path directory) {
        if (us.isEmpty() || us.getAsInt() == 0) {
            return true;
        }
        try {
            Set<PosixFilePermission> may = Files.getPosixFilePermissions(directory);
            return owner(directory).equals(us)
                    ? may.contains(PosixFilePermission.OWNER_WRITE)
                    : may.contains(PosixFilePermission.GROUP_WRITE) || may.contains(PosixFilePermission.OTHERS_WRITE);
        } catch (IOException e) {
            return true; // cannot be seen
        }
    }
}
