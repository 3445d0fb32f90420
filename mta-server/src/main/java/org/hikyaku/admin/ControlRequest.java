package org.hikyaku.admin;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a command asks of the server: one line of JSON. The answer is any number of lines {@code {"row":...}}, then one
 * {@link ControlEnd}.
 *
 * @param command {@code queue-list}, {@code queue-retry}...
 * @param by who asks, for the log
 * @param ids messages, for commands on messages
 * @param which messages by what they are, instead of {@code ids}; for commands on messages
 */
public record ControlRequest(
        String command,
        @Nullable String by,
        @Nullable List<String> ids,
        @Nullable Which which) {
    /** Octets of a request line. */
    public static final int LINE_MAX = 256 * 1024;

    /**
     * Messages by what they are; what is null or empty does not matter.
     *
     * @param from part of the sender
     * @param to part of a recipient that waits
     * @param domain of a recipient that waits
     * @param olderThanSeconds since arrival
     * @param state {@code held}, {@code deferred}, {@code fresh}
     */
    public record Which(
            @Nullable String from,
            @Nullable String to,
            @Nullable String domain,
            @Nullable Long olderThanSeconds,
            @Nullable String state) {
        public static Which any() {
            return new Which(null, null, null, null, null);
        }
    }

    public static ControlRequest of(String command, String by) {
        return new ControlRequest(command, by, null, null);
    }

    public static ControlRequest onIds(String command, String by, List<String> ids) {
        return new ControlRequest(command, by, ids, null);
    }

    public static ControlRequest onWhich(String command, String by, Which which) {
        return new ControlRequest(command, by, null, which);
    }

    List<String> idList() {
        return ids == null ? List.of() : ids;
    }

    String asker() {
        return by == null || by.isBlank() ? "control" : by;
    }
}
