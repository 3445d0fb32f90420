package org.hikyaku.listen;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.hikyaku.config.Config;
import org.hikyaku.config.ListenerSettings;
import org.hikyaku.mail.HostUser;
import org.hikyaku.mail.IpLiteral;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.hikyaku.world.Endpoint;
import org.hikyaku.world.Event;
import org.hikyaku.world.Net;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireHandler;
import org.jspecify.annotations.Nullable;

/**
 * All places where mail is taken. Each new connection gets the configuration in force at that moment and keeps it.
 *
 * <p>To stop is to accept no more, to end idle sessions with 421 4.3.2, to let a message that is coming in or being
 * stored come to its reply, and to end what is left when the patience is over. What was answered 250 is stored before.
 *
 * <p><i>Failure:</i> {@link #open} closes again what it had opened when an endpoint cannot be bound.
 */
public final class Listeners {
    private static final int BACKLOG = 1024;
    private static final Duration LAST_WORDS = Duration.ofSeconds(3);

    private final Reception reception;
    private final Config first;
    private final Crowd crowd = new Crowd();
    private final Callers callers;
    private final ConcurrentSkipListMap<Long, SessionRunner> sessions = new ConcurrentSkipListMap<>();
    private final AtomicLong lastNumber = new AtomicLong();
    private final String namePrefix;
    private final Tasks.Promise<Boolean> empty;
    private final Map<String, List<Net.Listener>> open = new LinkedHashMap<>();
    private volatile Config config;
    private volatile boolean stopping;

    public Listeners(Reception reception, Config config) {
        this.reception = reception;
        this.first = config;
        this.config = config;
        this.callers = new Callers(reception.world());
        this.empty = reception.world().tasks().promise();
        // two runs of the server must not use one name for two sessions
        this.namePrefix = Integer.toString(reception.world().entropy().below(36 * 36 * 36 * 36), 36) + "-";
    }

    /** Opens all endpoints of all listeners. */
    public void open() throws IOException {
        if (first.listeners().values().stream().anyMatch(Listeners::isForUsers)) {
            callers.start();
        }
        try {
            for (Map.Entry<String, ListenerSettings> entry : first.listeners().entrySet()) {
                List<Net.Listener> opened = open.computeIfAbsent(entry.getKey(), name -> new ArrayList<>());
                for (ListenerSettings.Door door : entry.getValue().endpoints()) {
                    opened.add(open(entry.getKey(), door));
                }
            }
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    private static boolean isForUsers(ListenerSettings rules) {
        return rules.endpoints().stream().anyMatch(ListenerSettings.Door.Socket.class::isInstance);
    }

    private Net.Listener open(String listener, ListenerSettings.Door door) throws IOException {
        Net net = reception.world().net();
        return switch (door) {
            case ListenerSettings.Door.Port port ->
                net.listen(new Endpoint.Tcp(port.address()), BACKLOG, wire -> accept(listener, wire));
            case ListenerSettings.Door.Socket socket ->
                net.listenToUsers(new Endpoint.Unix(socket.path()), BACKLOG, wire -> called(listener));
        };
    }

    /** The bound endpoints of a listener, in the order of the configuration. */
    public List<Endpoint> endpoints(String listener) {
        return open.getOrDefault(listener, List.of()).stream()
                .map(Net.Listener::endpoint)
                .toList();
    }

    /** New sessions work by {@code next}. */
    public void reload(Config next) {
        config = next;
    }

    /** Open sessions. */
    public int sessions() {
        return sessions.size();
    }

    /**
     * Ends the sessions of a user who has logged in, wherever they are: 421 and the end. Waits.
     *
     * @param dry ends none
     * @return how many there were
     */
    public int end(String user, boolean dry) {
        List<SessionRunner> all = List.copyOf(sessions.values());
        AtomicInteger open = new AtomicInteger(all.size());
        AtomicInteger his = new AtomicInteger();
        Tasks.Promise<Boolean> told = reception.world().tasks().promise();
        for (SessionRunner session : all) {
            session.loop().execute(() -> {
                his.addAndGet(session.isOf(user) && (dry || session.revoke()) ? 1 : 0);
                if (open.decrementAndGet() == 0) {
                    told.complete(true);
                }
            });
        }
        if (!all.isEmpty()) {
            told.await(LAST_WORDS);
        }
        return his.get();
    }

    /** Stops, and waits at most {@code patience} and a little; returns how many sessions were still open then. */
    public int stop(Duration patience) {
        stopping = true;
        close();
        sessions.values().forEach(session -> session.loop().execute(session::stop));
        if (!isEmptyWithin(patience)) {
            sessions.values().forEach(session -> session.loop().execute(session::abandon));
            isEmptyWithin(LAST_WORDS);
        }
        return sessions.size();
    }

    private boolean isEmptyWithin(Duration limit) {
        return sessions.isEmpty() || empty.await(limit).isPresent();
    }

    private void close() {
        callers.close();
        open.values().forEach(all -> all.forEach(Net.Listener::close));
    }

    private WireHandler accept(String listener, Wire wire) {
        Config snapshot = inForce(listener);
        InetAddress remote = addressOf(wire.remote());
        ListenerSettings.Proxy proxy = Optional.ofNullable(snapshot.listeners().get(listener))
                .map(ListenerSettings::proxy)
                .orElseThrow();
        if (proxy.header() == ListenerSettings.ProxyHeader.REQUIRE) {
            return proxied(listener, snapshot, proxy, remote);
        }
        Reply refusal = stopping ? Replies.SHUTTING_DOWN : crowd.enter(remote, snapshot.limits());
        return refusal == null
                ? session(listener, snapshot, remote, wire)
                : refuse(listener, snapshot, remote, refusal);
    }

    private Config inForce(String listener) {
        return config.listeners().containsKey(listener) ? config : first;
    }

    /** Whose session it is the kernel has said; where the caller is means nothing. */
    private WireHandler called(String listener) {
        Config snapshot = inForce(listener);
        if (stopping || crowd.isFull(snapshot.limits())) {
            return refuse(
                    listener,
                    snapshot,
                    IpLiteral.NOWHERE,
                    stopping ? Replies.SHUTTING_DOWN : Replies.TOO_MANY_SESSIONS);
        }
        return new HostDoor(callers, new HostDoor.Inside() {
            @Override
            public @Nullable WireHandler tooMany(int uid) {
                Reply refusal = crowd.name(uid, snapshot.limits());
                if (refusal != null) {
                    String who = "uid " + Integer.toUnsignedString(uid);
                    reception.world().events().emit(Event.SESSION_REFUSED, listener, who, refusal.text());
                }
                return refusal == null ? null : new Refusal(refusal);
            }

            @Override
            public WireHandler welcome(Wire wire, HostUser user, byte[] early) {
                SessionRunner runner =
                        session(listener, snapshot, IpLiteral.NOWHERE, wire, () -> crowd.leave(user.uid()));
                runner.called(user, early);
                return runner;
            }

            @Override
            public WireHandler turnedAway(OptionalInt counted, String why) {
                counted.ifPresentOrElse(crowd::leave, crowd::leave);
                if (!why.isEmpty()) {
                    reception.world().events().emit(Event.SESSION_REFUSED, listener, "a user of this host", why);
                }
                return new Refusal(Replies.CALLER_UNKNOWN);
            }
        });
    }

    /** Whose session it is the header will say. Nobody but a proxy hears a word of this listener. */
    private WireHandler proxied(String listener, Config snapshot, ListenerSettings.Proxy proxy, InetAddress remote) {
        if (!proxy.isTrusted(remote)) {
            reception
                    .world()
                    .events()
                    .emit(Event.SESSION_REFUSED, listener, IpLiteral.number(remote), "no proxy of ours");
            return new Refusal(null);
        }
        if (stopping || crowd.isFull(snapshot.limits())) {
            return refuse(listener, snapshot, remote, stopping ? Replies.SHUTTING_DOWN : Replies.TOO_MANY_SESSIONS);
        }
        return new ProxyDoor(proxy.headerTimeout(), new ProxyDoor.Inside() {
            @Override
            public WireHandler welcome(Wire wire, Optional<InetAddress> told, byte[] early) {
                InetAddress client = told.orElse(remote);
                Reply refusal = crowd.name(client, snapshot.limits());
                if (refusal != null) {
                    return refuse(listener, snapshot, client, refusal);
                }
                SessionRunner runner = session(listener, snapshot, client, wire);
                runner.proxied(remote, early);
                return runner;
            }

            @Override
            public void turnedAway(String why) {
                crowd.leave();
                if (!why.isEmpty()) {
                    reception.world().events().emit(Event.SESSION_REFUSED, listener, IpLiteral.number(remote), why);
                }
            }
        });
    }

    /**
     * We are the server on a connection of ours from now on, by the rules of the first listener that serves for it: mail that we fetch
     * comes in as any other (RFC 2645 5.3).
     */
    public WireHandler turned(Wire wire) {
        Config snapshot = config;
        InetAddress remote = addressOf(wire.remote());
        Optional<String> listener = snapshot.listeners().entrySet().stream()
                .filter(each -> each.getValue().takesTurned())
                .map(Map.Entry::getKey)
                .findFirst();
        Reply refusal = stopping || listener.isEmpty() ? Replies.SHUTTING_DOWN : crowd.enter(remote, snapshot.limits());
        if (refusal != null) {
            return refuse(listener.orElse("none"), snapshot, remote, refusal);
        }
        SessionRunner runner = session(listener.orElseThrow(), snapshot, remote, wire);
        runner.turned();
        return runner;
    }

    private SessionRunner session(String listener, Config snapshot, InetAddress remote, Wire wire) {
        return session(listener, snapshot, remote, wire, () -> crowd.leave(remote));
    }

    /** @param leave takes it out of the crowd */
    private SessionRunner session(String listener, Config snapshot, InetAddress remote, Wire wire, Runnable leave) {
        long number = lastNumber.incrementAndGet();
        SessionRunner runner = new SessionRunner(
                reception, namePrefix + Long.toString(number, 36), listener, snapshot, remote, wire, () -> {
                    sessions.remove(number);
                    leave.run();
                    if (stopping && sessions.isEmpty()) {
                        empty.complete(true);
                    }
                });
        sessions.put(number, runner);
        if (stopping) {
            runner.loop().execute(runner::stop);
        }
        return runner;
    }

    private WireHandler refuse(String listener, Config snapshot, InetAddress remote, Reply refusal) {
        reception.world().events().emit(Event.SESSION_REFUSED, listener, IpLiteral.number(remote), refusal.text());
        boolean implicit = Optional.ofNullable(snapshot.listeners().get(listener))
                .filter(rules -> rules.tls() == ListenerSettings.TlsMode.IMPLICIT)
                .isPresent();
        @Nullable Reply said = implicit ? null : refusal;
        return new Refusal(said);
    }

    private static InetAddress addressOf(Endpoint remote) {
        return switch (remote) {
            case Endpoint.Tcp tcp -> tcp.address().getAddress();
            case Endpoint.Unix unix -> InetAddress.getLoopbackAddress();
        };
    }
}
