package org.hikyaku.table;

import java.util.ArrayList;
import java.util.List;
import org.hikyaku.config.AddressPattern;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Domain;

/** By what an address is found in sets and tables: made once, however many of them are asked. Immutable. */
public final class AddressKeys {
    private final Address address;
    private final List<String> keys;

    private AddressKeys(Address address, List<String> keys) {
        this.address = address;
        this.keys = keys;
    }

    public static AddressKeys of(Address address) {
        if (address.isNull()) {
            return new AddressKeys(address, List.of(AddressPattern.NULL_SENDER));
        }
        List<String> all = new ArrayList<>();
        all.add(address.localKey());
        address.domain().ifPresent(domain -> ofDomain(domain, all));
        return new AddressKeys(address, all);
    }

    /** By what all addresses of a domain are found. */
    static List<String> ofDomain(Domain domain) {
        List<String> all = new ArrayList<>();
        ofDomain(domain, all);
        return all;
    }

    private static void ofDomain(Domain domain, List<String> all) {
        String name = domain.ascii();
        all.add("@" + name);
        for (int from = 0; from >= 0; from = nextLabel(name, from)) {
            all.add("." + name.substring(from));
        }
    }

    private static int nextLabel(String domain, int from) {
        int dot = domain.indexOf('.', from);
        return dot < 0 ? -1 : dot + 1;
    }

    Address address() {
        return address;
    }

    /** The nearest first. */
    List<String> all() {
        return keys;
    }
}
