package org.hikyaku.admin;

import java.util.List;

/**
 * The last line of an answer.
 *
 * @param ok whether all that was asked was done
 * @param messages for people: what was done, or each reason why not
 */
public record ControlEnd(boolean ok, List<String> messages) {
    public ControlEnd {
        messages = List.copyOf(messages);
    }

    public static ControlEnd done(String... messages) {
        return new ControlEnd(true, List.of(messages));
    }

    public static ControlEnd failed(String... messages) {
        return new ControlEnd(false, List.of(messages));
    }
}
