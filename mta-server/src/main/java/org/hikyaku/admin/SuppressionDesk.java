package org.hikyaku.admin;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
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

    private static final int DOMAINS_SHOWN = 20;

    private final Suppressions suppressions;
    private final Predicate<Address> spared;

    /** @param spared whose domain is the operator's own affair, so that the list is not asked; never waits */
    public SuppressionDesk(Suppressions suppressions, Predicate<Address> spared) {
        this.suppressions = suppressions;
        this.spared = spared;
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
        String done = addresses.get().size() + (request.flag("dry") ? " would be added" : " added");
        return withoutEffect(addresses.get())
                .map(inVain -> ControlEnd.done(done, inVain))
                .orElseGet(() -> ControlEnd.done(done));
    }

    /** Which of them are on the list in vain. */
    private Optional<String> withoutEffect(List<Address> addresses) {
        List<String> domains = addresses.stream()
                .filter(spared)
                .map(each -> each.requireDomain().ascii())
                .distinct()
                .toList();
        String more = domains.size() > DOMAINS_SHOWN ? " and " + (domains.size() - DOMAINS_SHOWN) + " more" : "";
        return domains.isEmpty()
                ? Optional.empty()
                : Optional.of("without effect for "
                        + String.join(", ", domains.subList(0, Math.min(domains.size(), DOMAINS_SHOWN))) + more
                        + ": the list is not asked about domains in local.domains, relay.domains, on_demand and"
                        + " delivery.routes");
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
        String removed =
                addresses.get().size() - missing.size() + (request.flag("dry") ? " would be removed" : " removed");
        if (missing.isEmpty()) {
            return ControlEnd.done(removed);
        }
        if (missing.size() < addresses.get().size()) {
            missing.addFirst(removed);
        }
        return ControlEnd.failed(missing.toArray(String[]::new));
    }

    private Map<String, Object> row(Suppressed each) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("address", each.address());
        row.put("failures", each.failures());
        row.put("first", each.first().toString());
        row.put("last", each.last().toString());
        row.put("until", each.until().toEpochMilli() == 0 ? "" : each.until().toString());
        row.put("by", each.by());
        row.put("why", each.why());
        row.put("spared", Address.parse(each.address()).filter(spared).isPresent());
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
