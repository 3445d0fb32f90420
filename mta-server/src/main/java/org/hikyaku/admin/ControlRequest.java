package org.hikyaku.admin;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a command asks of the server: one line of JSON. The answer is any number of lines {@code {"row":...}} and {@code
 * {"progress":...}}, then one {@link ControlEnd}. An import goes on with lines of its own after the request.
 *
 * @param command {@code queue-list}, {@code queue-retry}...
 * @param by who asks, for the log
 * @param ids messages, for commands on messages
 * @param query messages by what they are, instead of {@code ids}
 * @param options of the command: {@code dry}, {@code now}, {@code text}, {@code to}, {@code limit}...
 */
public record ControlRequest(
        String command,
        @Nullable String by,
        @Nullable List<String> ids,
        @Nullable String query,
        @Nullable Map<String, String> options) {
    /** Octets of a request line, and of each further line. */
    public static final int LINE_MAX = 1024 * 1024;

    public static ControlRequest of(String command, String by) {
        return new ControlRequest(command, by, null, null, null);
    }

    /** The same with an option more; null changes nothing. */
    public ControlRequest with(String option, @Nullable String value) {
        if (value == null) {
            return this;
        }
        java.util.LinkedHashMap<String, String> more =
                new java.util.LinkedHashMap<>(options == null ? Map.of() : options);
        more.put(option, value);
        return new ControlRequest(command, by, ids, query, more);
    }

    public ControlRequest withFlag(String option, boolean value) {
        return value ? with(option, "true") : this;
    }

    List<String> idList() {
        return ids == null ? List.of() : ids;
    }

    Optional<String> option(String name) {
        return options == null ? Optional.empty() : Optional.ofNullable(options.get(name));
    }

    boolean flag(String name) {
        return option(name).isPresent();
    }

    String asker() {
        return by == null || by.isBlank() ? "control" : by;
    }
}
