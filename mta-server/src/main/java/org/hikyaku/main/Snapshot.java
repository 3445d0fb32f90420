package org.hikyaku.main;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.hikyaku.check.DovecotUsers;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Domain;
import org.hikyaku.table.Grants;
import org.hikyaku.table.LocalDirectory;
import org.hikyaku.table.Residents;
import org.hikyaku.table.RouteTables;
import org.hikyaku.table.SrsKeys;
import org.hikyaku.table.Users;
import org.hikyaku.tls.FirstCertificate;
import org.hikyaku.tls.KeyLoader;
import org.hikyaku.tls.Keys;
import org.hikyaku.world.Clock;
import org.hikyaku.world.Disk;

/**
 * The configuration with all the files that it names, read at one moment: what a start or a reload puts in force as a
 * whole, or not at all.
 */
record Snapshot(Config config, Users users, Grants grants, LocalDirectory directory, RouteTables routes, Keys keys) {

    /** The same with other keys of SRS. */
    Snapshot with(SrsKeys srs) {
        return new Snapshot(config, users, grants, directory.with(srs), routes, keys);
    }

    /** What was read; there is no snapshot when there is any problem, each a line with file, line or key. */
    record Loaded(Optional<Snapshot> snapshot, List<String> problems) {}

    /** Who knows users beside the files. */
    interface Others {
        Residents beside(Residents lists, Config config);
    }

    /** Those whom files and settings name. */
    private record Listed(Users users, Config config) implements Residents {
        @Override
        public boolean has(String name) {
            return users.has(name) || config.agents().names(name);
        }

        @Override
        public String whose(String name) {
            boolean byAgent = !users.has(name) && config.agents().names(name);
            return byAgent ? "agents.of: " + name : Residents.super.whose(name);
        }
    }

    /** As the other one, where nobody can be asked: whom others may know counts as known. */
    static Loaded load(Disk disk, Clock clock, Config config, boolean withKeys) {
        return load(disk, clock, config, withKeys, (lists, settings) -> new Residents() {
            @Override
            public boolean has(String name) {
                return lists.has(name);
            }

            @Override
            public boolean mayHave(String address) {
                return settings.auth().dovecotUsers().isPresent() && DovecotUsers.isMeant(address, settings);
            }

            @Override
            public String whose(String name) {
                return lists.whose(name);
            }
        });
    }

    /**
     * Reads the files. Waits for the disk.
     *
     * @param withKeys whether TLS keys are read, too; the simulated outside has none
     * @param others who is asked for users beside the files
     */
    static Loaded load(Disk disk, Clock clock, Config config, boolean withKeys, Others others) {
        List<String> problems = new ArrayList<>();
        Users users = users(disk, config, problems);
        Grants grants = grants(disk, config, users, problems);
        LocalDirectory.Loaded directory =
                LocalDirectory.load(config, others.beside(new Listed(users, config), config), disk, clock);
        problems.addAll(directory.problems());
        Domain first = directory.directory().firstDomain();
        users.twice(first)
                .forEach(name -> problems.add("auth.users: " + name + " and " + name + "@" + first
                        + " would share a mailbox; leave out one of them"));
        RouteTables.Loaded routes = RouteTables.load(disk, config);
        problems.addAll(routes.problems());
        Keys keys = withKeys
                ? keys(disk, clock, config, problems)
                : Keys.none(config.tls().versionMin());
        return problems.isEmpty()
                ? new Loaded(
                        Optional.of(new Snapshot(config, users, grants, directory.directory(), routes.tables(), keys)),
                        List.of())
                : new Loaded(Optional.empty(), List.copyOf(problems));
    }

    private static Users users(Disk disk, Config config, List<String> problems) {
        if (config.auth().users().isEmpty()) {
            return Users.none();
        }
        Users.Loaded loaded = Users.load(disk, config.auth().users().get());
        problems.addAll(loaded.problems());
        return loaded.users();
    }

    private static Grants grants(Disk disk, Config config, Users users, List<String> problems) {
        if (config.auth().grants().isEmpty()) {
            return Grants.none();
        }
        Grants.Loaded loaded = Grants.load(disk, config.auth().grants().get(), users);
        problems.addAll(loaded.problems());
        return loaded.grants();
    }

    private static Keys keys(Disk disk, Clock clock, Config config, List<String> problems) {
        KeyLoader.Loaded loaded =
                new KeyLoader(disk, clock).load(config.tls(), FirstCertificate.file(config.dataDir()));
        problems.addAll(loaded.problems());
        return loaded.keys();
    }
}
