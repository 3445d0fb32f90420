package org.hikyaku.sim;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hikyaku.mail.Domain;
import org.hikyaku.world.Resolver;
import org.hikyaku.world.Resolver.Answer;
import org.hikyaku.world.Resolver.Data;

/** What the simulated DNS knows: set by a test, changed at will, the same for all hosts of a world. */
public final class SimZones {
    private static final int CNAMES_MAX = 8;
    private static final Duration TTL = Duration.ofMinutes(5);

    private final Map<String, Map<Resolver.Type, List<Data>>> names = new LinkedHashMap<>();
    private final Map<String, String> aliases = new LinkedHashMap<>();
    private final Map<String, Resolver.Cause> broken = new LinkedHashMap<>();
    private final Map<String, Boolean> secure = new LinkedHashMap<>();

    /** A or AAAA records. */
    public SimZones address(String name, String... literals) {
        for (String literal : literals) {
            InetAddress address = InetAddress.ofLiteral(literal);
            add(name, address.getAddress().length == 4 ? Resolver.Type.A : Resolver.Type.AAAA, new Data.Ip(address));
        }
        return this;
    }

    public SimZones mx(String name, int preference, String exchange) {
        return add(name, Resolver.Type.MX, new Data.Mx(preference, exchange, false));
    }

    /** RFC 7505. */
    public SimZones nullMx(String name) {
        return add(name, Resolver.Type.MX, new Data.Mx(0, ".", true));
    }

    public SimZones cname(String name, String target) {
        aliases.put(key(name), target);
        return this;
    }

    /** Any record; makes the name exist. */
    public SimZones add(String name, Resolver.Type type, Data data) {
        names.computeIfAbsent(key(name), n -> new EnumMap<>(Resolver.Type.class))
                .computeIfAbsent(type, t -> new ArrayList<>())
                .add(data);
        return this;
    }

    /** The name exists, without any record. */
    public SimZones empty(String name) {
        names.computeIfAbsent(key(name), n -> new EnumMap<>(Resolver.Type.class));
        return this;
    }

    /** All answers about {@code name} are validated by DNSSEC. */
    public SimZones secure(String name) {
        secure.put(key(name), true);
        return this;
    }

    /** Questions about {@code name} fail so, until {@link #mend}. */
    public SimZones fail(String name, Resolver.Cause cause) {
        broken.put(key(name), cause);
        return this;
    }

    public SimZones mend(String name) {
        broken.remove(key(name));
        return this;
    }

    /** Forgets all about {@code name}. */
    public SimZones remove(String name) {
        names.remove(key(name));
        aliases.remove(key(name));
        return this;
    }

    Answer answer(Domain asked, Resolver.Type type) {
        String name = asked.ascii();
        boolean allSecure = true;
        for (int i = 0; i <= CNAMES_MAX; i++) {
            Resolver.Cause cause = broken.get(name);
            if (cause != null) {
                return new Answer.Unknown(cause, "simulated " + cause + " for " + name);
            }
            allSecure &= secure.containsKey(name);
            String target = aliases.get(name);
            if (target == null) {
                return direct(name, type, allSecure);
            }
            name = key(target);
        }
        return new Answer.Unknown(Resolver.Cause.BROKEN, "CNAME loop at " + name);
    }

    private Answer direct(String name, Resolver.Type type, boolean isSecure) {
        Map<Resolver.Type, List<Data>> types = names.get(name);
        if (types == null) {
            return new Answer.NoName(isSecure);
        }
        return Optional.ofNullable(types.get(type))
                .<Answer>map(records -> new Answer.Found(List.copyOf(records), TTL, isSecure))
                .orElse(new Answer.NoData(isSecure));
    }

    private static String key(String name) {
        return Domain.of(name).ascii();
    }
}
