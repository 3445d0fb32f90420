package org.hikyaku.scenario;

import java.util.List;
import java.util.stream.IntStream;

/** A site of a scenario: its domain and its MX hosts, which are all of the same preference. */
record Place(int number, Kind kind) {
    static final int PREFERENCE = 10;
    /** So many sites have addresses of their own. */
    static final int MOST = 10_000;

    private static final int IN_A_NET = 200;

    /** @param silent nobody answers at the address, and nobody refuses */
    record Host(String name, String address, boolean silent) {}

    Place {
        if (number < 0 || number >= MOST) {
            throw new IllegalArgumentException("a site from 0 to " + (MOST - 1) + ": " + number);
        }
    }

    static List<Place> all(List<Kind> kinds) {
        return IntStream.range(0, kinds.size())
                .mapToObj(number -> new Place(number, kinds.get(number)))
                .toList();
    }

    String domain() {
        return "site" + number + ".example";
    }

    List<Host> hosts() {
        Host first = new Host("mx." + domain(), address("198.18."), kind == Kind.DEAD);
        return kind.hasTwoHosts()
                ? List.of(first, new Host("mx2." + domain(), address("198.19."), kind == Kind.HALF_DEAD))
                : List.of(first);
    }

    private String address(String net) {
        return net + number / IN_A_NET + "." + (1 + number % IN_A_NET);
    }
}
