package org.hikyaku.main;

import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.hikyaku.spool.Spool;
import org.hikyaku.tls.Keys;

/**
 * What differs between the real process and the simulated one.
 *
 * @param spool what is put around the opened spool; identity in the real process
 * @param keys puts TLS keys in force, or says why they cannot serve; never called when {@code ownsHost} is false
 * @param ownsHost TLS keys are read, and made at the first start
 */
public record Hooks(UnaryOperator<Spool> spool, Function<Keys, Optional<String>> keys, boolean ownsHost) {
    public static Hooks real(Function<Keys, Optional<String>> keys) {
        return new Hooks(UnaryOperator.identity(), keys, true);
    }

    public static Hooks simulated(UnaryOperator<Spool> spool) {
        return new Hooks(spool, keys -> Optional.empty(), false);
    }
}
