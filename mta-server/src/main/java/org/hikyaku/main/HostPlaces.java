package org.hikyaku.main;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.config.Config;
import org.hikyaku.config.ListenerSettings.Door;

/**
 * Whether the directories are there that a configuration names and the server does not make.
 *
 * @param problems with these it would not start, each with its setting
 * @param notes it would start, but something would be missing
 */
record HostPlaces(List<String> problems, List<String> notes) {
    /** Where those who start a service make directories for it, and take them away when it ends. */
    private static final Path RUN = Path.of("/run");

    HostPlaces {
        problems = List.copyOf(problems);
        notes = List.copyOf(notes);
    }

    static HostPlaces look(Config config) {
        List<String> problems = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        config.listeners()
                .forEach((name, listener) -> listener.endpoints().stream()
                        .filter(Door.Socket.class::isInstance)
                        .forEach(door -> socket("listeners." + name + ".endpoints", door, problems, notes)));
        config.sendmail()
                .dropDirectory()
                .filter(drop -> !Files.isDirectory(drop))
                .ifPresent(
                        drop -> notes.add(
                                "sendmail.drop_directory: " + drop
                                        + " is no directory that can be seen from here; until it is one, the server takes no mail there"));
        return new HostPlaces(problems, notes);
    }

    private static void socket(String setting, Door door, List<String> problems, List<String> notes) {
        Path directory =
                ((Door.Socket) door).path().toAbsolutePath().normalize().getParent();
        if (directory == null || Files.isDirectory(directory)) {
            return;
        }
        String why = setting + ": " + door + ": there is no directory " + directory;
        if (directory.startsWith(RUN)) {
            notes.add(
                    why
                            + " now; whatever starts the server must make it, as RuntimeDirectory of conf/hikyaku.service does");
        } else {
            problems.add(why + "; make it with mode 0755, the server's own");
        }
    }
}
