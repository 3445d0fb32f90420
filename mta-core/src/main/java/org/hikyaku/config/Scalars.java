package org.hikyaku.config;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hikyaku.mail.IpLiteral;
import org.jspecify.annotations.Nullable;

/** The written forms of times, sizes, numbers and endpoints. <i>Failure:</i> empty for what is none. */
final class Scalars {
    private static final Pattern TIME = Pattern.compile("(?:[0-9]{1,9}\\s*[a-z]+\\s*){1,5}");
    private static final Pattern TIME_PART = Pattern.compile("([0-9]+)\\s*([a-z]+)");
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,12})\\s*([a-z]*)");
    private static final Map<String, Long> MILLIS = Map.ofEntries(
            Map.entry("ms", 1L),
            Map.entry("s", 1_000L),
            Map.entry("second", 1_000L),
            Map.entry("seconds", 1_000L),
            Map.entry("m", 60_000L),
            Map.entry("minute", 60_000L),
            Map.entry("minutes", 60_000L),
            Map.entry("h", 3_600_000L),
            Map.entry("hour", 3_600_000L),
            Map.entry("hours", 3_600_000L),
            Map.entry("d", 86_400_000L),
            Map.entry("day", 86_400_000L),
            Map.entry("days", 86_400_000L));
    private static final Map<String, Long> OCTETS = Map.of(
            "", 1L,
            "b", 1L,
            "kib", 1L << 10,
            "mib", 1L << 20,
            "gib", 1L << 30,
            "kb", 1_000L,
            "mb", 1_000_000L,
            "gb", 1_000_000_000L);

    private Scalars() {}

    /** {@code 30s}, {@code 5 minutes}, {@code 1h20m}; a number without a unit is none. */
    static Optional<Duration> time(String text) {
        String small = text.strip().toLowerCase(Locale.ROOT);
        if (!TIME.matcher(small).matches()) {
            return Optional.empty();
        }
        long millis = 0;
        Matcher part = TIME_PART.matcher(small);
        while (part.find()) {
            Long unit = MILLIS.get(part.group(2));
            if (unit == null) {
                return Optional.empty();
            }
            millis += Long.parseLong(part.group(1)) * unit;
        }
        return Optional.of(Duration.ofMillis(millis));
    }

    /** {@code 64KiB}, {@code 50MB}, {@code 1000} in octets. */
    static Optional<Long> size(String text) {
        Matcher m = SIZE.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!m.matches()) {
            return Optional.empty();
        }
        Long unit = OCTETS.get(m.group(2));
        long number = Long.parseLong(m.group(1));
        return unit == null || number > Long.MAX_VALUE / unit ? Optional.empty() : Optional.of(number * unit);
    }

    static Optional<Long> whole(String text) {
        return text.matches("-?[0-9]{1,18}") ? Optional.of(Long.parseLong(text)) : Optional.empty();
    }

    static Optional<Double> decimal(String text) {
        return text.matches("-?[0-9]{1,9}(\\.[0-9]{1,9})?") ? Optional.of(Double.parseDouble(text)) : Optional.empty();
    }

    /** {@code 192.0.2.1:25} or {@code [::1]:25}: an address, no name, with a port. */
    static Optional<InetSocketAddress> endpoint(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        boolean six = host.startsWith("[") && host.endsWith("]");
        if (!six && host.contains(":")) {
            return Optional.empty();
        }
        Integer port = port(text.substring(colon + 1));
        String bare = six ? host.substring(1, host.length() - 1) : host;
        return port == null ? Optional.empty() : IpLiteral.parseAddress(bare).map(a -> new InetSocketAddress(a, port));
    }

    private static @Nullable Integer port(String text) {
        Optional<Long> port = text.length() > 5 ? Optional.empty() : whole(text);
        return port.filter(p -> p >= 0 && p <= 65_535).map(Long::intValue).orElse(null);
    }
}
