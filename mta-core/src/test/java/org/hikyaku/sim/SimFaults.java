package org.hikyaku.sim;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * How often each {@link SimFault} strikes. What happens to unforced bytes and names at a crash is not a matter of chance
 * knobs: a crash is always hostile.
 *
 * @param chances of those above zero
 */
public record SimFaults(Map<SimFault, Double> chances) {
    public SimFaults {
        chances =
                Collections.unmodifiableMap(chances.isEmpty() ? new EnumMap<>(SimFault.class) : new EnumMap<>(chances));
    }

    /** A kind outside: nothing fails, unless the host is crashed. */
    public static SimFaults none() {
        return new SimFaults(Map.of());
    }

    /** Everything that a right program must bear, at its usual chance. */
    public static SimFaults hostile() {
        EnumMap<SimFault, Double> chances = new EnumMap<>(SimFault.class);
        for (SimFault fault : SimFault.values()) {
            if (fault.usual() > 0) {
                chances.put(fault, fault.usual());
            }
        }
        return new SimFaults(chances);
    }

    /** These, with {@code fault} at {@code chance}. */
    public SimFaults with(SimFault fault, double chance) {
        EnumMap<SimFault, Double> more = new EnumMap<>(SimFault.class);
        more.putAll(chances);
        more.put(fault, chance);
        return new SimFaults(more);
    }

    /** For {@link SimLuck}, which asks at every world call. */
    EnumMap<SimFault, Double> copy() {
        return chances.isEmpty() ? new EnumMap<>(SimFault.class) : new EnumMap<>(chances);
    }
}
