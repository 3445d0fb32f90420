package org.hikyaku.admin;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a command asks of the server: one line of JSON. The answer is any number of lines {@code {"row":...}}, then one
 * {@link ControlEnd}.
 *
 * @param command {@code queue-list}, {@code queue-retry}...
 * @param ids messages; for commands on messages
 * @param all every message instead of {@code ids}
 * @param by who asks, for the log
 */
public record ControlRequest(
        String command, @Nullable List<String> ids, @Nullable Boolean all, @Nullable String by) {
    /** Octets of a request line. */
    public static final int LINE_MAX = 256 * 1024;

    public static ControlRequest of(String command, String by) {
        return new ControlRequest(command, List.of(), false, by);
    }

    public List<String> idList() {
        return ids == null ? List.of() : ids;
    }

    public boolean wantsAll() {
        return all != null && all;
    }

    public String asker() {
        return by == null || by.isBlank() ? "control" : by;
    }
}
