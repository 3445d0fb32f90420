package org.hikyaku.admin;

import java.util.List;

/**
 * The last line of an answer.
 *
 * @param ok whether all that was asked was done
 * @param usage whether the request was wrong, so that nothing was tried
 * @param messages for people: what was done, or each reason why not
 */
public record ControlEnd(boolean ok, boolean usage, List<String> messages) {
    public ControlEnd {
        messages = List.copyOf(messages);
    }

    public static ControlEnd done(String... messages) {
        return new ControlEnd(true, false, List.of(messages));
    }

    public static ControlEnd failed(String... messages) {
        return new ControlEnd(false, false, List.of(messages));
    }

    public static ControlEnd wrong(String... messages) {
        return new ControlEnd(false, true, List.of(messages));
    }
}
