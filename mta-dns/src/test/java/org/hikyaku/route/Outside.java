package org.hikyaku.route;

import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.IpLiteral;
import org.hikyaku.world.Clock;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Entropy;
import org.hikyaku.world.Net;
import org.hikyaku.world.Resolver;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;

/** An outside of which only the DNS, our addresses and chance matter, all written down by the test. */
final class Outside implements Resolver {
    final List<String> events = new ArrayList<>();
    final List<String> asked = new ArrayList<>();
    private final Map<String, Answer> answers = new LinkedHashMap<>();
    private final Set<InetAddress> own = new LinkedHashSet<>();
    private long nanos;
    private long seed = 1;
    private Duration perQuestion = Duration.ZERO;

    Outside own(String address) {
        own.add(ip(address));
        return this;
    }

    Outside slow(Duration time) {
        perQuestion = time;
        return this;
    }

    Outside seed(long value) {
        seed = value;
        return this;
    }

    /** {@code "10 mx1.example", "20 mx2.example", "0 ."}. */
    Outside mx(String domain, String... records) {
        List<Data> data = new ArrayList<>();
        for (String record : records) {
            String[] parts = record.split(" ", 2);
            boolean root = parts[1].equals(".");
            data.add(new Data.Mx(Integer.parseInt(parts[0]), root ? "" : parts[1], root));
        }
        return answer(domain, Type.MX, new Answer.Found(data, Duration.ofHours(1), false));
    }

    Outside host(String name, String... addresses) {
        for (Type type : List.of(Type.A, Type.AAAA)) {
            List<Data> data = new ArrayList<>();
            for (String address : addresses) {
                if (address.contains(":") == (type == Type.AAAA)) {
                    data.add(new Data.Ip(ip(address)));
                }
            }
            answer(
                    name,
                    type,
                    data.isEmpty() ? new Answer.NoData(false) : new Answer.Found(data, Duration.ofHours(1), false));
        }
        answers.putIfAbsent(key(name, Type.MX), new Answer.NoData(false));
        return this;
    }

    Outside answer(String name, Type type, Answer answer) {
        answers.put(key(name, type), answer);
        return this;
    }

    Outside fails(String name, Type type, Cause cause) {
        return answer(name, type, new Answer.Unknown(cause, cause.name()));
    }

    static InetAddress ip(String text) {
        return IpLiteral.parseAddress(text).orElseThrow();
    }

    @Override
    public Answer ask(Domain name, Type type) {
        nanos += perQuestion.toNanos();
        asked.add(key(name.ascii(), type));
        return Objects.requireNonNullElse(answers.get(key(name.ascii(), type)), new Answer.NoName(false));
    }

    private static String key(String name, Type type) {
        return name + " " + type;
    }

    World world() {
        Clock clock = new Clock() {
            @Override
            public Instant now() {
                return Instant.EPOCH.plusNanos(nanos);
            }

            @Override
            public long nanos() {
                return nanos;
            }
        };
        Entropy entropy = new Entropy() {
            @Override
            public void fill(byte[] target) {
                throw new UnsupportedOperationException();
            }

            @Override
            public int below(int bound) {
                seed = seed * 6364136223846793005L + 1442695040888963407L;
                return (int) Long.remainderUnsigned(seed >>> 33, bound);
            }

            @Override
            public long nextLong() {
                throw new UnsupportedOperationException();
            }
        };
        return new World(
                clock,
                unused(Disk.class),
                net(),
                this,
                unused(Tasks.class),
                entropy,
                (event, values) -> events.add(event.label()));
    }

    private Net net() {
        return (Net)
                Proxy.newProxyInstance(Net.class.getClassLoader(), new Class<?>[] {Net.class}, (p, method, args) -> {
                    if (method.getName().equals("ownAddresses")) {
                        return own;
                    }
                    throw new UnsupportedOperationException(method.getName());
                });
    }

    private static <T> T unused(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (p, method, args) -> {
            throw new UnsupportedOperationException(method.getName());
        }));
    }
}
