package org.hikyaku.check;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.Optional;
import org.hikyaku.check.DovecotLink.Line;
import org.hikyaku.config.AuthSettings;
import org.hikyaku.table.Residents;
import org.hikyaku.world.World;

/**
 * Who has a mailbox at Dovecot, by its user database ({@code auth.dovecot_users}: the master side of its authentication
 * service, a socket such as auth-userdb). Whole addresses are asked for and what was said is remembered: for as long as the
 * settings say until it is asked again, and an hour for those who cannot wait.
 *
 * <p><i>Failure:</i> a Dovecot that is not there, does not answer in time, or fails itself: {@link Told#UNSURE}.
 */
public final class DovecotUsers {
    /** A name that nobody had may be given to somebody soon. */
    private static final Duration NO_MOST = Duration.ofMinutes(1);
    /** What was said counts for those who cannot ask: longer than a session takes from RCPT to the end of its message. */
    private static final Duration KEPT = Duration.ofHours(1);

    private static final int CACHE_MAX = 50_000;
    private static final int NAME_MAX = 320;

    private final World world;
    private final DovecotDoor<Told> door;
    private final Cache<String, Heard> heard;
    private volatile Place place = new Place(Optional.empty(), Duration.ZERO);

    /** Where it is asked, and for how long an answer counts. */
    private record Place(Optional<String> endpoint, Duration cacheFor) {}

    private record Heard(boolean there, long at) {}

    /** What Dovecot says of a name. */
    enum Told {
        THERE,
        NOT_THERE,
        UNSURE
    }

    public DovecotUsers(World world) {
        this.world = world;
        this.door = new DovecotDoor<>(world, () -> place.endpoint, Dialect::new);
        this.heard = Caffeine.newBuilder()
                .maximumSize(CACHE_MAX)
                .expireAfterWrite(KEPT)
                .ticker(world.clock()::nanos)
                .executor(Runnable::run)
                .build();
    }

    /** Puts other settings in force. */
    public void use(AuthSettings settings) {
        Place next = new Place(settings.dovecotUsers(), settings.dovecotUsersCacheFor());
        if (!next.endpoint.equals(place.endpoint)) {
            heard.invalidateAll();
        }
        place = next;
        if (next.endpoint.isEmpty()) {
            door.close();
        } else {
            door.present(); // ahead of the first question
        }
    }

    /** Those of the lists and, where the settings name a Dovecot, those that it knows. */
    public Residents beside(Residents lists, AuthSettings settings) {
        return settings.dovecotUsers().isEmpty()
                ? lists
                : new Residents() {
                    @Override
                    public boolean has(String name) {
                        return lists.has(name) || (isAddress(name) && last(name) == Told.THERE);
                    }

                    @Override
                    public boolean mayHave(String address) {
                        return last(address) != Told.NOT_THERE;
                    }
                };
    }

    /** Whether it says who lives here. */
    boolean isUsed() {
        return place.endpoint.isPresent();
    }

    static boolean isAddress(String name) {
        return name.indexOf('@') >= 0;
    }

    /** What was said last, if anything. Never waits. */
    Told last(String name) {
        Heard said = heard.getIfPresent(name);
        return said == null ? Told.UNSURE : said.there ? Told.THERE : Told.NOT_THERE;
    }

    /** Whether what was said has to be asked again. Never waits. */
    boolean isOld(String name) {
        Heard said = heard.getIfPresent(name);
        Duration most = place.cacheFor;
        Duration limit = said == null || said.there || most.compareTo(NO_MOST) < 0 ? most : NO_MOST;
        return said == null || world.clock().nanos() - said.at >= limit.toNanos();
    }

    /** Asks, and remembers. Waits. */
    Told ask(String name) {
        boolean sound = name.length() <= NAME_MAX && name.chars().allMatch(c -> c > ' ' && c != 0x7f);
        if (!sound) {
            return remember(name, Told.NOT_THERE); // cannot be asked for in its protocol
        }
        DovecotLink<Told> link = door.present();
        if (link == null || !link.awaitReady()) {
            return Told.UNSURE;
        }
        int id = link.nextId();
        return remember(name, link.ask(id, "USER\t" + id + "\t" + name + "\tservice=smtp"));
    }

    private Told remember(String name, Told told) {
        if (told != Told.UNSURE) {
            heard.put(name, new Heard(told == Told.THERE, world.clock().nanos()));
        }
        return told;
    }

    /** Ends the connection. */
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
