package org.hikyaku.peers;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.assertj.core.api.Assertions;

/** Waiting for what another process does in its own time. */
final class Waiting {
    private static final Duration LIMIT = Duration.ofSeconds(90);

    private Waiting() {}

    /** Looks again and again until there is something; a minute and a half at most, for machines that do much else. */
    static <T> T until(String what, Supplier<Optional<T>> look, Supplier<String> otherwise) {
        Instant end = Instant.now().plus(LIMIT);
        while (Instant.now().isBefore(end)) {
            Optional<T> found = look.get();
            if (found.isPresent()) {
                return found.get();
            }
            try {
                TimeUnit.MILLISECONDS.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
        }
        return Assertions.fail("%s: not within %d s. %s", what, LIMIT.toSeconds(), otherwise.get());
    }
}
