package org.hikyaku.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.hikyaku.mail.SpoolId;

/** What a spool must hold, by what its callers were told. */
final class SpoolModel {
    final TreeMap<SpoolId, Message> messages = new TreeMap<>();
    private final Set<SpoolId> ids = new HashSet<>();
    /** Told failed while no segment could be begun (crash state 11): such a change may be found whole. */
    boolean inDoubt;

    /** What a caller knows of a change. */
    enum Told {
        NOTHING,
        STORED,
        FAILED
    }

    /** One change, shared by all the messages it touches. */
    static final class Step {
        Told told = Told.NOTHING;
        boolean inDoubt;
    }

    /** One state of one recipient. */
    private record News(Step step, int place, int attempts) {}

    /** One message. */
    static final class Message {
        final SpoolId id;
        final String content;
        final int recipients;
        final Step accepted;
        private final List<News> news = new ArrayList<>();
        final List<Step> ends = new ArrayList<>();

        Message(SpoolId id, String content, int recipients, Step accepted) {
            this.id = id;
            this.content = content;
            this.recipients = recipients;
            this.accepted = accepted;
        }

        void tried(Step step, int place, int attempts) {
            news.add(new News(step, place, attempts));
        }

        boolean mayBeThere() {
            return may(accepted) && ends.stream().noneMatch(end -> end.told == Told.STORED);
        }

        boolean mustBeThere() {
            return accepted.told == Told.STORED && ends.stream().noneMatch(SpoolModel::may);
        }

        private Set<Integer> attemptsAllowed(int place) {
            Set<Integer> allowed = new HashSet<>(Set.of(0));
            for (News each : news) {
                if (each.place() == place) {
                    if (each.step().told == Told.STORED) {
                        allowed.clear();
                    }
                    if (may(each.step())) {
                        allowed.add(each.attempts());
                    }
                }
            }
            return allowed;
        }
    }

    private static boolean may(Step step) {
        return step.told != Told.FAILED || step.inDoubt;
    }

    void drafted(SpoolId id) {
        assertThat(ids.add(id)).as("id " + id + " comes twice").isTrue();
    }

    void accepted(Message message) {
        messages.put(message.id, message);
    }

    void told(Step step, boolean stored) {
        assertThat(step.told).as("told twice").isEqualTo(Told.NOTHING);
        step.told = stored ? Told.STORED : Told.FAILED;
        step.inDoubt = !stored && inDoubt;
    }

    /** Compares with what a spool holds after recovery, and takes that as the truth from now on. */
    void verify(JournalSpool spool, Collection<StoredMessage> recovered, String when) throws IOException {
        TreeMap<SpoolId, StoredMessage> found = new TreeMap<>();
        for (StoredMessage message : recovered) {
            assertThat(found.put(message.id(), message))
                    .as(when + ": told twice")
                    .isNull();
            Message known = known(message.id(), when);
            assertThat(known.mayBeThere())
                    .as(when + ": " + message.id() + " rose again")
                    .isTrue();
            assertThat(SpoolHand.text(message.content()))
                    .as(when + ": content of " + message.id())
                    .isEqualTo(known.content);
            assertThat(message.held()).as(when).isEmpty();
            for (int place = 0; place < known.recipients; place++) {
                assertThat(known.attemptsAllowed(place))
                        .as(when + ": state of recipient " + place + " of " + message.id())
                        .contains(message.states().get(place).attempts());
            }
            assertThat(SpoolHand.text(spool.read(message.id()).orElseThrow().content()))
                    .isEqualTo(known.content);
        }
        for (Message message : messages.values()) {
            assertThat(found.containsKey(message.id) || !message.mustBeThere())
                    .as(when + ": " + message.id + " is lost")
                    .isTrue();
        }
        bothOrNeither(found.keySet(), when);
        settle(found);
    }

    /** A change that ended one message and brought another did both or nothing. */
    private void bothOrNeither(Set<SpoolId> found, String when) {
        for (Message message : messages.values()) {
            for (Message other : messages.values()) {
                boolean answers = other.ends.contains(message.accepted) && other.ends.size() == 1;
                if (answers && other.accepted.told == Told.STORED && message.ends.isEmpty()) {
                    assertThat(found.contains(message.id))
                            .as(when + ": half of a change: " + message.id + " for " + other.id)
                            .isNotEqualTo(found.contains(other.id));
                }
            }
        }
    }

    private Message known(SpoolId id, String when) {
        Message known = messages.get(id);
        if (known == null) {
            throw new AssertionError(when + ": a message nobody stored: " + id);
        }
        return known;
    }

    private void settle(Map<SpoolId, StoredMessage> found) {
        messages.keySet().retainAll(found.keySet());
        for (StoredMessage message : found.values()) {
            Message known = known(message.id(), "");
            known.accepted.told = Told.STORED;
            known.ends.clear();
            known.news.clear();
            Step settled = new Step();
            settled.told = Told.STORED;
            for (int place = 0; place < known.recipients; place++) {
                known.tried(settled, place, message.states().get(place).attempts());
            }
        }
    }
}
