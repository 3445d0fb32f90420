package org.hikyaku.admin;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hikyaku.mail.Address;
import org.hikyaku.operate.Suppressed;
import org.hikyaku.operate.Suppressions;

/** The list of recipients who are not there, by command; docs/notices.md. */
public final class SuppressionDesk {
    private static final Pattern TIME = Pattern.compile("([0-9]{1,5})([mhd])");
    private static final Duration LONGEST = Duration.ofDays(3650);
    private static final int ADDRESSES_MAX = 10_000;
    private static final int WHY_MAX = 300;

    private final Suppressions suppressions;

    public SuppressionDesk(Suppressions suppressions) {
        this.suppressions = suppressions;
    }

    /** Option {@code counted}: those too that are only counted. */
    ControlEnd list(ControlRequest request, Rows rows) {
        suppressions.list(request.flag("counted")).forEach(each -> rows.row(row(each)));
        return ControlEnd.done();
    }

    /** Options {@code for}, {@code text}, {@code dry}. */
    ControlEnd add(ControlRequest request, Rows rows) {
        Optional<List<Address>> addresses = addresses(request);
        Optional<Duration> time = time(request.option("for").orElse("30d"));
        String why = request.option("text").orElse("").strip();
        if (addresses.isEmpty() || time.isEmpty() || why.length() > WHY_MAX) {
            return ControlEnd.wrong(
                    addresses.isEmpty()
                            ? "addresses are wanted, user@domain, 10000 at most"
                            : time.isEmpty() ? "a time is wanted such as 12h or 30d" : "a reason is one short line");
        }
        try {
            for (Address each : addresses.get()) {
                if (!request.flag("dry")) {
                    rows.row(row(suppressions.add(each, time.get(), request.asker(), why)));
                }
            }
        } catch (IOException e) {
            return ControlEnd.failed(String.valueOf(e.getMessage()));
        }
        return ControlEnd.done(addresses.get().size() + (request.flag("dry") ? " would be added" : " added"));
    }

    /** Option {@code dry}. */
    ControlEnd remove(ControlRequest request) {
        Optional<List<Address>> addresses = addresses(request);
        if (addresses.isEmpty()) {
            return ControlEnd.wrong("addresses are wanted, user@domain, 10000 at most");
        }
        List<String> missing = new ArrayList<>();
        try {
            for (Address each : addresses.get()) {
                boolean there = request.flag("dry")
                        ? suppressions.list(true).stream()
                                .anyMatch(one -> one.address().equals(each.localKey()))
                        : suppressions.remove(each, request.asker());
                if (!there) {
                    missing.add(each + " is not on the list");
                }
            }
        } catch (IOException e) {
            return ControlEnd.failed(String.valueOf(e.getMessage()));
        }
        return missing.isEmpty()
                ? ControlEnd.done(addresses.get().size() + (request.flag("dry") ? " would be removed" : " removed"))
                : ControlEnd.failed(missing.toArray(String[]::new));
    }

    private static Map<String, Object> row(Suppressed each) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("address", each.address());
        row.put("failures", each.failures());
        row.put("first", each.first().toString());
        row.put("last", each.last().toString());
        row.put("until", each.until().toEpochMilli() == 0 ? "" : each.until().toString());
        row.put("by", each.by());
        row.put("why", each.why());
        return row;
    }

    private static Optional<List<Address>> addresses(ControlRequest request) {
        List<Address> all = new ArrayList<>();
        for (String text : request.idList()) {
            Optional<Address> address =
                    Address.parse(text).filter(a -> a.domain().isPresent());
            if (address.isEmpty()) {
                return Optional.empty();
            }
            all.add(address.get());
        }
        return all.isEmpty() || all.size() > ADDRESSES_MAX ? Optional.empty() : Optional.of(all);
    }

    private static Optional<Duration> time(String text) {
        Matcher matcher = TIME.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long number = Long.parseLong(matcher.group(1));
        Duration time = switch (matcher.group(2)) {
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
        };
        return time.isPositive() && time.compareTo(LONGEST) <= 0 ? Optional.of(time) : Optional.empty();
    }
}
