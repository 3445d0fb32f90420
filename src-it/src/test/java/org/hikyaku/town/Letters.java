package org.hikyaku.town;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.hikyaku.mail.Address;

/** What the town writes, and to whom: by chance, to every kind of address that it knows. */
final class Letters {
    private final Random chance;
    private final boolean crowded;
    private int written;

    /** @param crowded most are as large as small segments make interesting */
    Letters(Random chance, boolean crowded) {
        this.chance = chance;
        this.crowded = crowded;
    }

    /** @param login whether its client logs in */
    Letter next(boolean login) {
        List<Address> recipients = new ArrayList<>();
        if (chance.nextInt(8) == 0) {
            int d = chance.nextInt(Neighbours.DESTINATIONS);
            recipients.add(Address.of("first@d" + d + ".example"));
            recipients.add(Address.of("second@d" + d + ".example"));
        }
        for (int i = 0; i <= chance.nextInt(3); i++) {
            Address recipient = recipient();
            if (!recipients.contains(recipient)) {
                recipients.add(recipient);
            }
        }
        Address sender = login ? Address.of(TownProgram.USER) : sender();
        Address bounced = Address.of("reader0@d0.example");
        boolean freezable = login || sender.equals(Address.of(Operator.SENDER));
        if (freezable && chance.nextInt(3) == 0 && !recipients.contains(bounced)) {
            recipients.add(bounced); // the operator gives him up while the others are frozen
        }
        int size = chance.nextInt(8) == 0
                ? 20_000 + chance.nextInt(40_000)
                : crowded ? 12_000 + chance.nextInt(3_500) : chance.nextInt(3_000);
        return new Letter(++written, sender, recipients, size, kind());
    }

    private Letter.Kind kind() {
        return switch (chance.nextInt(12)) {
            case 0, 1 -> Letter.Kind.EIGHT_BIT;
            case 2 -> Letter.Kind.SIGNED;
            case 3 -> Letter.Kind.INTERNATIONAL;
            default -> Letter.Kind.PLAIN;
        };
    }

    private Address sender() {
        return switch (chance.nextInt(10)) {
            case 0 -> Address.NULL;
            case 1, 2, 3 -> Address.of("writer@d" + (2 + chance.nextInt(Neighbours.DESTINATIONS - 2)) + ".example");
            default -> Address.of("alice@town.example");
        };
    }

    private Address recipient() {
        return switch (chance.nextInt(28)) {
            case 0 -> Address.of("x@null.example");
            case 1 ->
                Address.of(List.of("x@nothing.example", "x@kept.example", "x@closed.example")
                        .get(chance.nextInt(3)));
            case 2 -> Address.of("x@no-such-domain.example");
            case 3 ->
                Address.of("x@"
                        + List.of("loop.example", "us.example", "dry.example").get(chance.nextInt(3)));
            case 4 ->
                Address.of("x@"
                        + List.of("servfail.example", "bogus.example", "slow.example", "broken.example")
                                .get(chance.nextInt(4)));
            case 5 -> Address.of("unknown@d" + (4 + chance.nextInt(2)) + ".example");
            case 9, 13 -> Address.of("x@gate.example");
            case 15 -> Address.of("x@sealed.example");
            case 10 -> Address.of(chance.nextInt(3) == 0 ? "x@discard.example" : "x@ruled.example");
            case 12 -> Address.of(chance.nextBoolean() ? "x@gone.example" : "x@keyless.example");
            case 14 -> Address.of(TownProgram.LEAVER);
            case 6, 7, 8 ->
                Address.of(List.of("alice@town.example", "bob@town.example", "bob+tag@town.example")
                        .get(chance.nextInt(3)));
            default ->
                Address.of("reader" + chance.nextInt(3) + "@d" + chance.nextInt(Neighbours.DESTINATIONS) + ".example");
        };
    }
}
