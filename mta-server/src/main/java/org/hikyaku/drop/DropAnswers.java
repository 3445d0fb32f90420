package org.hikyaku.drop;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.hikyaku.config.Config;
import org.hikyaku.hostmail.HostSender;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.HeaderScan;
import org.hikyaku.mail.HostUser;
import org.hikyaku.mail.Recipient;
import org.hikyaku.queue.Intake;
import org.hikyaku.spool.Draft;
import org.hikyaku.table.LocalDirectory;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;

/**
 * What is said of a file that is no message, or none that may go: to its owner, or to the postmaster if he has no mailbox here. The
 * owner's answers count as messages of his; the postmaster, who cannot help it, gets one an owner in some minutes.
 *
 * <p><i>Failure:</i> none; what is not said stands in the log.
 */
final class DropAnswers {
    private static final Duration QUIET = Duration.ofMinutes(10);
    private static final int OWNERS_MAX = 1000;

    private final World world;
    private final Intake intake;
    private final Supplier<LocalDirectory> directory;
    /** When the postmaster was last told of an owner, by the clock that never goes back; the oldest first. */
    private final Map<Integer, Long> told = new LinkedHashMap<>();

    /**
     * Who is to hear of an owner's file.
     *
     * @param isOwner else it is the postmaster
     */
    record Reader(Address address, boolean isOwner) {}

    /** A message from nobody, so that it is answered by nobody; to be committed. */
    record Answer(Draft draft, byte[] prepended, Envelope envelope) {}

    DropAnswers(World world, Intake intake, Supplier<LocalDirectory> directory) {
        this.world = world;
        this.intake = intake;
        this.directory = directory;
    }

    /** Empty when the postmaster has heard of this owner a short while ago. */
    Optional<Reader> reader(HostUser owner, Config config) {
        LocalDirectory here = directory.get();
        Address own = new HostSender(owner, config, here.firstDomain()).own();
        if (!(here.resolve(own) instanceof LocalDirectory.Resolution.Unknown)) {
            return Optional.of(new Reader(own, true));
        }
        Long last = told.get(owner.uid());
        boolean quiet = last != null && world.clock().nanos() - last < QUIET.toNanos();
        return quiet ? Optional.empty() : Optional.of(new Reader(here.postmaster(), false));
    }

    /** The postmaster has heard of this owner now. */
    void told(HostUser owner) {
        told.remove(owner.uid());
        told.put(owner.uid(), world.clock().nanos());
        if (told.size() > OWNERS_MAX) {
            told.remove(told.keySet().iterator().next());
        }
    }

    Answer of(HostUser owner, Reader reader, String why, Config config) {
        Address to = reader.address;
        Draft draft = intake.draft("", "");
        DropFields fields = new DropFields(draft, config.hostname());
        fields.received("for", owner);
        fields.from("Mail Delivery System", Address.of("MAILER-DAEMON", config.hostname()));
        fields.missing(new HeaderScan(1000).facts());
        String text = "To: " + to + "\r\nSubject: A message was not sent\r\nAuto-Submitted: auto-replied\r\n"
                + "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
                + "A message that a program of " + (reader.isOwner ? "yours" : owner.name()) + " gave to sendmail on "
                + config.hostname()
                + " was not sent:\r\n\r\n"
                + why.replaceAll("\\p{Cntrl}", "?") + ".\r\n"
                + (reader.isOwner ? "" : onlyInTheLog());
        byte[] octets = text.getBytes(StandardCharsets.UTF_8);
        draft.append(octets, 0, octets.length);
        boolean eightBit = text.chars().anyMatch(c -> c > 127);
        Envelope envelope = new Envelope(Address.NULL, List.of(Recipient.of(to)), eightBit, to.isInternational());
        return new Answer(draft, fields.octets(false), envelope);
    }

    private static String onlyInTheLog() {
        return "\r\nOf others of this user's within " + QUIET.toMinutes() + " minutes only the log tells ("
                + Event.DROP_REFUSED.label() + ").\r\n";
    }
}
