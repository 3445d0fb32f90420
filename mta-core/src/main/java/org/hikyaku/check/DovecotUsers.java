package org.hikyaku.check;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.Optional;
import org.hikyaku.check.DovecotLink.Line;
import org.hikyaku.config.AuthSettings;
import org.hikyaku.config.Config;
import org.hikyaku.config.LocalSettings;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;
import org.hikyaku.table.Residents;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;

/**
 * Who has a mailbox at Dovecot, by its user database ({@code auth.dovecot_users}: the master side of its authentication
 * service, a socket such as auth-userdb). Whole addresses are asked for, those whose mail goes by LMTP, and what was said is
 * remembered: for as long as the settings say until it is asked again; for those who cannot wait a yes for an hour, a no for two
 * minutes.
 *
 * <p><i>Failure:</i> a Dovecot that is not there, does not answer in time, or fails itself: {@link Told#UNSURE}. While it is slow to do
 * so one who asks waits for it, and all others are told so at once.
 */
public final class DovecotUsers {
    /** A name that nobody had may be given to somebody soon. */
    private static final Duration NO_MOST = Duration.ofMinutes(1);
    /** For those who cannot ask: as {@link #NO_MOST}, and for as long as it takes from there to the end of what is being done. */
    private static final Duration NO_KEPT = Duration.ofMinutes(2);

    private static final Duration YES_KEPT = Duration.ofHours(1);

    /** Of each kind, so that names of nobody push out nobody's. */
    private static final int CACHE_MAX = 50_000;

    private static final int NAME_MAX = 320;
    /** Who waits for it at once: a part of all that policy lets wait. */
    private static final int ASKING_MAX = 100;
    /** What takes longer and gives nothing would be waited for by everybody. */
    private static final Duration SLOW = Duration.ofSeconds(2);

    private final World world;
    private final DovecotDoor<Told> door;
    private final Cache<String, Heard> there;
    private final Cache<String, Heard> notThere;
    private final Tasks.Permits asking;
    private final Tasks.Permits trial;
    private volatile boolean silent;
    private volatile long answeredAt;
    private volatile Place place = new Place(Optional.empty(), Duration.ZERO);

    /** Where it is asked, and for how long an answer counts. */
    private record Place(Optional<String> endpoint, Duration cacheFor) {}

    /** @param of the place that said it; what another said means nothing */
    private record Heard(Optional<String> of, long at) {}

    /** What Dovecot says of a name. */
    enum Told {
        THERE,
        NOT_THERE,
        UNSURE
    }

    public DovecotUsers(World world) {
        this.world = world;
        this.door = new DovecotDoor<>(world, () -> place.endpoint, Dialect::new);
        this.there = cache(YES_KEPT);
        this.notThere = cache(NO_KEPT);
        this.asking = world.tasks().permits(ASKING_MAX);
        this.trial = world.tasks().permits(1);
        this.answeredAt = world.clock().nanos() - 1;
    }

    private Cache<String, Heard> cache(Duration kept) {
        return Caffeine.newBuilder()
                .maximumSize(CACHE_MAX)
                .expireAfterWrite(kept)
                .ticker(world.clock()::nanos)
                .executor(Runnable::run)
                .build();
    }

    /** Puts other settings in force. */
    public void use(AuthSettings settings) {
        Place last = place;
        place = new Place(settings.dovecotUsers(), settings.dovecotUsersCacheFor());
        if (!last.endpoint.equals(settings.dovecotUsers())) {
            there.invalidateAll();
            notThere.invalidateAll();
            silent = false;
        }
        if (settings.dovecotUsers().isEmpty()) {
            door.drop();
        } else {
            door.present(); // ahead of the first question
        }
    }

    /** Those of the lists and, where the settings name a Dovecot, those that it knows. */
    public Residents beside(Residents lists, Config config) {
        return config.auth().dovecotUsers().isEmpty()
                ? lists
                : new Residents() {
                    @Override
                    public boolean has(String name) {
                        return lists.has(name) || (isMeant(name, config) && last(name) == Told.THERE);
                    }

                    @Override
                    public boolean mayHave(String address) {
                        return isMeant(address, config) && last(address) != Told.NOT_THERE;
                    }

                    @Override
                    public String whose(String name) {
                        return lists.has(name) || last(name) != Told.THERE
                                ? lists.whose(name)
                                : "auth.dovecot_users: " + name;
                    }
                };
    }

    /** Whether it says who lives here. */
    boolean isUsed() {
        return place.endpoint.isPresent();
    }

    /** Whether it is asked for this name: a whole address whose mail is brought to where its mailboxes are. */
    public static boolean isMeant(String name, Config config) {
        int at = name.lastIndexOf('@');
        if (at <= 0 || config.agents().of().isEmpty()) {
            return at > 0 && config.local().delivery() == LocalSettings.LocalDelivery.LMTP;
        }
        return Domain.parse(name.substring(at + 1))
                .map(domain -> config.agents().agentOf(Address.of(name.substring(0, at), domain), config.local()))
                .filter(LocalSettings.LocalDelivery.LMTP.agent()::equals)
                .isPresent();
    }

    /** What was said last, if anything that still counts. Never waits. */
    Told last(String name) {
        return heard(there, name).isPresent()
                ? Told.THERE
                : heard(notThere, name).isPresent() ? Told.NOT_THERE : Told.UNSURE;
    }

    private Optional<Heard> heard(Cache<String, Heard> said, String name) {
        return Optional.ofNullable(said.getIfPresent(name)).filter(one -> one.of.equals(place.endpoint));
    }

    /** Whether what was said has to be asked again. Never waits. */
    boolean isOld(String name) {
        Duration yes = place.cacheFor;
        Duration no = yes.compareTo(NO_MOST) < 0 ? yes : NO_MOST;
        return isOlder(there, name, yes) && isOlder(notThere, name, no);
    }

    private boolean isOlder(Cache<String, Heard> said, String name, Duration limit) {
        return heard(said, name)
                .filter(one -> world.clock().nanos() - one.at < limit.toNanos())
                .isEmpty();
    }

    /** Asks, and remembers. Waits. */
    Told ask(String name) {
        Optional<String> of = place.endpoint;
        boolean sound = name.length() <= NAME_MAX && name.chars().allMatch(c -> c > ' ' && c != 0x7f);
        if (!sound) {
            return remember(name, of, Told.NOT_THERE); // cannot be asked for in its protocol
        }
        Tasks.Permits leave = silent ? trial : asking;
        if (!leave.tryAcquire()) {
            return Told.UNSURE;
        }
        try {
            long begun = world.clock().nanos();
            Told told = over(name);
            note(told, begun);
            return remember(name, of, told);
        } finally {
            leave.release();
        }
    }

    private void note(Told told, long begun) {
        long now = world.clock().nanos();
        if (told != Told.UNSURE) {
            answeredAt = now;
        }
        boolean others = answeredAt - begun >= 0; // it is this name that it is slow with
        silent = !others && now - begun >= SLOW.toNanos();
    }

    private Told over(String name) {
        DovecotLink<Told> link = door.present();
        if (link == null || !link.awaitReady()) {
            return Told.UNSURE;
        }
        int id = link.nextId();
        return link.ask(id, "USER\t" + id + "\t" + name + "\tservice=smtp");
    }

    private Told remember(String name, Optional<String> of, Told told) {
        if (told != Told.UNSURE) {
            (told == Told.THERE ? there : notThere)
                    .put(name, new Heard(of, world.clock().nanos()));
            (told == Told.THERE ? notThere : there).invalidate(name);
        }
        return told;
    }

    /** Ends the connection for good: what is asked from now on is not known. */
    public void close() {
        door.close();
    }

    /** The master side of the protocol: its server speaks first, and what it says of itself ends the handshake. */
    private static final class Dialect implements DovecotLink.Dialect<Told> {
        private boolean versionSeen;

        @Override
        public String hello(World world) {
            return "VERSION\t1\t1\n";
        }

        @Override
        public Line<Told> read(String[] words) {
            return switch (words[0]) {
                case "VERSION" -> {
                    versionSeen = words.length > 1 && words[1].equals("1");
                    yield versionSeen ? new Line.Other<>() : new Line.Wrong<>("another version of its protocol");
                }
                case "SPID" ->
                    versionSeen ? new Line.Ready<>() : new Line.Wrong<>("no version before the end of its handshake");
                case "MECH", "CUID" -> new Line.Wrong<>("a socket for logins, not for look-ups");
                case "USER" -> new Line.Said<>(Told.THERE);
                case "NOTFOUND" -> new Line.Said<>(Told.NOT_THERE);
                case "FAIL" -> new Line.Said<>(Told.UNSURE);
                default -> new Line.Other<>();
            };
        }

        @Override
        public Told lost(String why) {
            return Told.UNSURE;
        }
    }
}
