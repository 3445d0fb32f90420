package org.hikyaku.admin;

import java.net.InetAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hikyaku.mail.IpLiteral;
import org.hikyaku.policy.RelayGrants;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;

/** Timed relay grants by command: give, take back, list. */
public final class GrantDesk {
    private static final Pattern TIME = Pattern.compile("([0-9]{1,6})([smh])");
    private static final String USUAL = "30m";

    private final RelayGrants grants;
    private final World world;

    public GrantDesk(RelayGrants grants, World world) {
        this.grants = grants;
        this.world = world;
    }

    ControlEnd grant(ControlRequest request) {
        Optional<InetAddress> address = address(request);
        Optional<Duration> time = time(request.option("for").orElse(USUAL));
        if (address.isEmpty()) {
            return ControlEnd.wrong("an IP address is wanted, of one host");
        }
        if (time.isEmpty()) {
            return ControlEnd.wrong("a time is wanted such as 90s, 30m or 2h, 24h at the most");
        }
        String shown = IpLiteral.number(address.get());
        if (!grants.grant(address.get(), time.get(), world.clock().nanos())) {
            return ControlEnd.failed("too many grants already; revoke some");
        }
        world.events().emit(Event.RELAY_GRANTED, shown, time.get().toSeconds(), request.asker());
        return ControlEnd.done(shown + " may relay for " + time.get().toSeconds() + " seconds");
    }

    ControlEnd revoke(ControlRequest request) {
        Optional<InetAddress> address = address(request);
        if (address.isEmpty()) {
            return ControlEnd.wrong("an IP address is wanted, of one host");
        }
        String shown = IpLiteral.number(address.get());
        if (!grants.revoke(address.get(), world.clock().nanos())) {
            return ControlEnd.failed(shown + " has no grant");
        }
        world.events().emit(Event.RELAY_REVOKED, shown, request.asker());
        return ControlEnd.done(shown + " may relay no more");
    }

    ControlEnd list(Rows rows) {
        for (RelayGrants.Grant grant : grants.list(world.clock().nanos())) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("address", IpLiteral.number(grant.address()));
            row.put("seconds", grant.left().toSeconds());
            rows.row(row);
        }
        return ControlEnd.done();
    }

    /** No address stands for all. */
    private static Optional<InetAddress> address(ControlRequest request) {
        return request.option("address")
                .flatMap(IpLiteral::parseAddress)
                .filter(address -> !address.isAnyLocalAddress());
    }

    private static Optional<Duration> time(String text) {
        Matcher matcher = TIME.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long number = Long.parseLong(matcher.group(1));
        Duration time = switch (matcher.group(2)) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            default -> Duration.ofHours(number);
        };
        boolean sane = time.isPositive() && time.compareTo(RelayGrants.LONGEST) <= 0;
        return sane ? Optional.of(time) : Optional.empty();
    }
}
