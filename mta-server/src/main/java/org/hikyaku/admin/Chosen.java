package org.hikyaku.admin;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.hikyaku.mail.Domain;
import org.hikyaku.queue.QueueAdmin.Filter;
import org.hikyaku.queue.QueueAdmin.State;
import org.jspecify.annotations.Nullable;

/** Messages as a request chooses them. */
sealed interface Chosen {
    record By(Filter filter) implements Chosen {}

    record Wrong(String why) implements Chosen {}

    static Chosen filter(ControlRequest.Which which) {
        Optional<Domain> domain = Optional.ofNullable(which.domain()).flatMap(Domain::parse);
        if (which.domain() != null && domain.isEmpty()) {
            return new Wrong(which.domain() + ": not a domain");
        }
        Optional<State> state = state(which.state());
        if (state.isEmpty()) {
            return new Wrong(which.state() + ": not a state; held, deferred or fresh");
        }
        Long age = which.olderThanSeconds();
        return new By(new Filter(
                text(which.from()),
                text(which.to()),
                domain,
                age == null ? Optional.empty() : Optional.of(Duration.ofSeconds(age)),
                state.get()));
    }

    private static Optional<State> state(@Nullable String name) {
        return switch (text(name).toLowerCase(Locale.ROOT)) {
            case "" -> Optional.of(State.ANY);
            case "held" -> Optional.of(State.HELD);
            case "deferred" -> Optional.of(State.DEFERRED);
            case "fresh" -> Optional.of(State.FRESH);
            default -> Optional.empty();
        };
    }

    private static String text(@Nullable String given) {
        return given == null ? "" : given;
    }
}
