package org.hikyaku.operate;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Notify;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.SpoolId;

/**
 * What an operation changes of one message, both ways: carried out only while the message is as {@code from} says, so
 * that it may be tried again, and taken back by its inverse. One line of an operation's log. Pure.
 */
sealed interface Move {
    SpoolId id();

    Move inverse();

    /** The fields of its line, the first is the kind. */
    List<String> fields();

    /** A hold set, ended or changed. */
    record Held(SpoolId id, String from, String to) implements Move {
        @Override
        public Move inverse() {
            return new Held(id, to, Mark.unmoved(from)); // who takes a move back does not want it half done
        }

        @Override
        public List<String> fields() {
            return List.of("held", id.toString(), from, to);
        }
    }

    /** Recipients' due times. */
    record Due(SpoolId id, List<Shift> shifts) implements Move {
        public Due {
            shifts = List.copyOf(shifts);
        }

        @Override
        public Move inverse() {
            return new Due(
                    id,
                    shifts.stream()
                            .map(s -> new Shift(s.place, s.attempts, s.to, s.from))
                            .toList());
        }

        @Override
        public List<String> fields() {
            List<String> fields = new ArrayList<>(List.of("due", id.toString()));
            for (Shift s : shifts) {
                fields.addAll(List.of(
                        String.valueOf(s.place),
                        String.valueOf(s.attempts),
                        String.valueOf(s.from.toEpochMilli()),
                        String.valueOf(s.to.toEpochMilli())));
            }
            return fields;
        }
    }

    /** One recipient's, if he was tried as often as then. */
    record Shift(int place, int attempts, Instant from, Instant to) {}

    /**
     * The recipients at {@code places} replaced by others.
     *
     * @param added the place of the first of {@code to}
     */
    record Redirected(SpoolId id, List<Integer> places, List<Recipient> from, int added, List<Recipient> to)
            implements Move {
        public Redirected {
            places = List.copyOf(places);
            from = List.copyOf(from);
            to = List.copyOf(to);
        }

        @Override
        public Move inverse() {
            List<Integer> back = new ArrayList<>();
            for (int i = 0; i < to.size(); i++) {
                back.add(added + i);
            }
            return new Redirected(id, back, to, added + to.size(), from);
        }

        @Override
        public List<String> fields() {
            List<String> fields = new ArrayList<>(
                    List.of("rerouted", id.toString(), String.valueOf(added), String.valueOf(from.size())));
            places.forEach(place -> fields.add(String.valueOf(place)));
            from.forEach(each -> add(fields, each));
            to.forEach(each -> add(fields, each));
            return fields;
        }

        private static void add(List<String> fields, Recipient each) {
            fields.add(each.address().toString());
            fields.add(each.original().toString());
            fields.add(String.valueOf(each.wanted().when()));
            fields.add(each.wanted().original());
        }
    }

    /** Reads {@link #fields}; empty when they make no sense. */
    static Optional<Move> parse(List<String> f) {
        try {
            SpoolId id = SpoolId.parse(f.get(1)).orElseThrow();
            return switch (f.getFirst()) {
                case "held" -> Optional.of(new Held(id, f.get(2), f.get(3)));
                case "due" -> Optional.of(new Due(id, shifts(f)));
                case "rerouted" -> Optional.of(redirected(id, f, true));
                case "redirected" -> Optional.of(redirected(id, f, false)); // as the first version wrote it
                default -> Optional.empty();
            };
        } catch (RuntimeException e) {
            return Optional.empty(); // a line of another version
        }
    }

    private static List<Shift> shifts(List<String> f) {
        List<Shift> shifts = new ArrayList<>();
        for (int i = 2; i < f.size(); i += 4) {
            shifts.add(new Shift(
                    Integer.parseInt(f.get(i)),
                    Integer.parseInt(f.get(i + 1)),
                    Instant.ofEpochMilli(Long.parseLong(f.get(i + 2))),
                    Instant.ofEpochMilli(Long.parseLong(f.get(i + 3)))));
        }
        return shifts;
    }

    private static Redirected redirected(SpoolId id, List<String> f, boolean notifies) {
        int count = Integer.parseInt(f.get(3));
        List<Integer> places =
                f.subList(4, 4 + count).stream().map(Integer::valueOf).toList();
        List<Recipient> all = new ArrayList<>();
        for (int i = 4 + count; i < f.size(); i += notifies ? 4 : 2) {
            Notify notify = notifies ? new Notify(Integer.parseInt(f.get(i + 2)), f.get(i + 3)) : Notify.NONE;
            all.add(new Recipient(address(f.get(i)), address(f.get(i + 1)), notify));
        }
        return new Redirected(
                id, places, all.subList(0, count), Integer.parseInt(f.get(2)), all.subList(count, all.size()));
    }

    private static Address address(String text) {
        return Address.parse(text).orElseGet(Address::barePostmaster);
    }
}
