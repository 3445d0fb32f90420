package org.hikyaku.main;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.config.Config;
import org.hikyaku.config.ListenerSettings.Door;

/**
 * Whether a server would find on this host what its configuration names: the places of its sockets, and directories that it does not
 * make.
 *
 * @param problems with these it would not start, each with its setting
 * @param notes it would start, but something would be missing, or cannot be told from here
 */
record HostPlaces(List<String> problems, List<String> notes) {
    HostPlaces {
        problems = List.copyOf(problems);
        notes = List.copyOf(notes);
    }

    static HostPlaces look(Config config) {
        List<String> problems = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        SocketPlaces sockets = new SocketPlaces(config.dataDir(), problems, notes);
        config.listeners()
                .forEach((name, listener) -> listener.endpoints().forEach(door -> {
                    if (door instanceof Door.Socket socket) {
                        sockets.listener("listeners." + name + ".endpoints: " + door, socket.path());
                    }
                }));
        config.control().socket().ifPresent(named -> sockets.control("control.socket: " + named, named));
        config.sendmail()
                .dropDirectory()
                .filter(drop -> !Files.isDirectory(drop))
                .ifPresent(
                        drop -> notes.add(
                                "sendmail.drop_directory: " + drop
                                        + " is no directory that can be seen from here; until it is one, the server takes no mail there"));
        return new HostPlaces(problems, notes);
    }
}
