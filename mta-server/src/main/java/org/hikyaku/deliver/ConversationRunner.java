package org.hikyaku.deliver;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.route.Hop;
import org.hikyaku.smtp.Extension;
import org.hikyaku.smtp.client.Act;
import org.hikyaku.smtp.client.ServerOffer;
import org.hikyaku.smtp.client.SmtpConversation;
import org.hikyaku.smtp.client.Terms;
import org.hikyaku.smtp.client.Transaction;
import org.hikyaku.smtp.client.Trouble;
import org.hikyaku.smtp.client.Trouble.Kind;
import org.hikyaku.smtp.client.Trouble.Stage;
import org.hikyaku.world.Clock;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.TlsNeed;
import org.hikyaku.world.Wire;
import org.hikyaku.world.WireFailure;
import org.hikyaku.world.WireHandler;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * Holds one conversation with one host: carries out what {@link SmtpConversation} says, on the wire's loop, with one timer.
 * A task opens it, then waits once for a transaction (and once more for each further part of a long message, so that
 * at most two parts are in memory however slow the host).
 *
 * <p>The methods that give a promise are for one task at a time, each after the promise before it has come; {@link #quit}
 * and {@link #abandon} are for any time after {@link #expect} has been answered.
 *
 * <p><i>Failure:</i> every promise comes: the machine's deadlines see to it, and the end of the wire answers what is asked
 * later.
 */
final class ConversationRunner implements WireHandler {
    private final World world;
    private final Hop hop;
    private final Clock clock;
    private final SmtpConversation conversation;
    private final Set<Extension> avoided;
    private final Duration handshakeLimit;
    private volatile @Nullable Wire wire;
    private volatile String tls = "";
    private volatile ServerOffer offer = ServerOffer.NOTHING;
    private volatile boolean ended;
    private volatile @Nullable Long leftAt;
    private int uses;

    // On the loop only:
    private @Nullable WireHandler successor;
    private final Hearing hearing = new Hearing();
    private final BodyParts body;
    private final Alarm alarm;
    private boolean over;

    ConversationRunner(World world, Hop hop, Terms terms) {
        this.world = world;
        this.hop = hop;
        this.clock = world.clock();
        this.conversation = new SmtpConversation(terms);
        this.avoided = terms.avoided();
        this.handshakeLimit = terms.patience().hello();
        this.body = new BodyParts(clock, conversation);
        this.alarm = new Alarm(clock, conversation, this::ring);
    }

    // From tasks

    /**
     * Before the connection is made, of which {@link #opened} or {@link #closed} tells: what comes of it and of the hello,
     * {@link Step.Ready} or {@link Step.Unusable}.
     */
    Tasks.Promise<Step> expect() {
        Tasks.Promise<Step> promise = world.tasks().promise();
        hearing.ask(promise::complete);
        return promise;
    }

    /**
     * Takes a connection of which it was the server's end so far: the other end greets now, and we are the client (RFC 2645 5.3). From the
     * wire's loop. {@link Step.Ready} or {@link Step.Unusable}.
     */
    Tasks.Promise<Step> adopt(Wire turned) {
        Tasks.Promise<Step> promise = world.tasks().promise();
        hearing.ask(promise::complete);
        wire = turned;
        tls = turned.tls().map(TlsFacts::version).orElse("");
        perform(conversation.opened(turned.tls().orElse(null), clock.nanos()));
        return promise;
    }

    /** Gives the connection away: from now on we are the server on it. False when it has ended. */
    Tasks.Promise<Boolean> turn(Function<Wire, WireHandler> server) {
        Tasks.Promise<Boolean> promise = world.tasks().promise();
        onLoop(() -> {
            Wire open = wire;
            boolean can = open != null && !over && conversation.isReady();
            if (open != null && can) {
                alarm.cancel();
                over = true;
                ended = true;
                WireHandler heir = server.apply(open);
                successor = heir;
                heir.opened(open);
            }
            promise.complete(can);
        });
        return promise;
    }

    /** Since when it says QUIT, or waits for nothing but its end; null if it does not. */
    @Nullable
    Long leftAt() {
        return leftAt;
    }

    /** Whether it is of no use any more. */
    boolean hasEnded() {
        return ended;
    }

    /** Begins a transaction with the first part of the message: any Step but Ready. */
    Tasks.Promise<Step> begin(Transaction transaction, byte[] firstPart, boolean whole) {
        Tasks.Promise<Step> promise = world.tasks().promise();
        uses++;
        onLoop(() -> begin(transaction, firstPart, whole, promise::complete));
        return promise;
    }

    /** A transaction from the loop, the message in one part; {@code heard} is told the Step on the loop. */
    void begin(Transaction transaction, byte[] message, Consumer<Step> heard) {
        uses++;
        begin(transaction, message, true, heard);
    }

    private void begin(Transaction transaction, byte[] firstPart, boolean whole, Consumer<Step> heard) {
        answer(heard, () -> {
            alarm.noOwn();
            hearing.goOn();
            if (!conversation.isReady()) {
                return false;
            }
            body.put(firstPart, whole);
            perform(conversation.begin(transaction, clock.nanos()));
            return true;
        });
    }

    /** Says a command that is no mail: {@link Step.Told} or {@link Step.Unusable}. */
    Tasks.Promise<Step> ask(String line, Duration limit) {
        Tasks.Promise<Step> promise = world.tasks().promise();
        onLoop(() -> answer(promise::complete, () -> {
            if (!conversation.isReady()) {
                return false;
            }
            perform(conversation.ask(line, limit, clock.nanos()));
            return true;
        }));
        return promise;
    }

    /** Goes on with the next part. */
    Tasks.Promise<Step> more(byte[] nextPart, boolean last) {
        Tasks.Promise<Step> promise = world.tasks().promise();
        onLoop(() -> answer(promise::complete, () -> {
            body.put(nextPart, last);
            pump();
            return true;
        }));
        return promise;
    }

    /**
     * No one uses it for a while: says QUIT after {@code idle}. {@code ended} is run on the loop when it ends before.
     *
     * @param after {@link #uses} when it was given back: if somebody has begun again, this means nothing
     */
    void rest(int after, Duration idle, Runnable ended) {
        onLoop(() -> {
            if (uses != after) {
                return;
            }
            if (over || hearing.hasEndedUnheard()) {
                ended.run();
                return;
            }
            hearing.rest(ended);
            alarm.own(idle);
            arm();
        });
    }

    /** Ends the conversation politely; nobody waits for it. */
    void quit() {
        leaves();
        onLoop(() -> perform(conversation.quit(clock.nanos())));
    }

    private void leaves() {
        if (leftAt == null) {
            leftAt = clock.nanos();
        }
    }

    /** Ends it at once, a message in its middle too. */
    void abandon() {
        onLoop(() -> {
            Wire open = wire;
            if (open != null && !over) {
                open.abort(); // first: else it would be closed in order
            }
            perform(conversation.lost(Kind.LOST, "given up by us"));
        });
    }

    Hop hop() {
        return hop;
    }

    /** Transactions begun so far. */
    int uses() {
        return uses;
    }

    /** What the host offers; after {@link Step.Ready}. */
    ServerOffer offer() {
        return offer;
    }

    /** What of its offer was left out. */
    Set<Extension> avoided() {
        return avoided;
    }

    /** {@code TLSv1.3}, or empty in clear. */
    String tls() {
        return tls;
    }

    /** {@code question} says whether its answer will come by itself. */
    private void answer(Consumer<Step> heard, BooleanSupplier question) {
        hearing.ask(heard);
        if (!hearing.answerKept() && (over || !question.getAsBoolean())) {
            hearing.tell(new Step.Unusable(Trouble.of(Stage.IDLE, Kind.LOST, "the connection had ended")));
        }
    }

    /** Whether the caller is on its loop. */
    boolean isHere() {
        Wire open = wire;
        return open != null && open.loop().isHere();
    }

    /** Runs {@code event} on its loop, soon. */
    void onLoop(Runnable event) {
        Wire open = wire;
        if (open != null) {
            open.loop().execute(event);
        }
    }

    // On the loop

    @Override
    public void opened(Wire opened) {
        wire = opened;
        if (hop.security() == Hop.Security.IMPLICIT) {
            alarm.own(handshakeLimit);
            opened.startTls(tlsNeed());
        } else {
            conversation.opened(null, clock.nanos());
        }
        arm();
    }

    @Override
    public void received(byte[] octets, int offset, int length) {
        if (successor != null) {
            successor.received(octets, offset, length);
            return;
        }
        perform(conversation.received(octets, offset, length, clock.nanos()));
        pump();
    }

    @Override
    public void secured(TlsFacts facts) {
        tls = facts.version();
        if (hop.security() == Hop.Security.IMPLICIT) {
            alarm.noOwn();
            perform(conversation.opened(facts, clock.nanos()));
        } else {
            perform(conversation.secured(facts, clock.nanos()));
        }
    }

    @Override
    public void writable() {
        if (successor != null) {
            successor.writable();
            return;
        }
        conversation.bodyProgress(clock.nanos());
        pump();
        arm();
    }

    @Override
    public void closed(@Nullable WireFailure cause) {
        if (successor != null) {
            successor.closed(cause);
            return;
        }
        ended = true;
        over = true;
        alarm.cancel();
        Kind kind = cause == null ? Kind.LOST : kindOf(cause);
        perform(conversation.lost(kind, cause == null ? "the host closed the connection" : cause.text()));
        body.drop();
        hearing.end();
    }

    private Kind kindOf(WireFailure cause) {
        return switch (cause.kind()) {
            case REFUSED -> Kind.REFUSED;
            case UNREACHABLE -> Kind.UNREACHABLE;
            case CONNECT_TIMEOUT -> Kind.TIMEOUT;
            case TLS -> tls.isEmpty() ? Kind.TLS_FAILED : Kind.LOST;
            case RESET, OTHER -> Kind.LOST;
        };
    }

    private TlsNeed tlsNeed() {
        boolean verified = hop.security() == Hop.Security.VERIFIED || hop.security() == Hop.Security.IMPLICIT;
        Optional<String> name = verified ? Optional.of(hop.host()) : Optional.empty();
        return new TlsNeed.Client(hop.host(), name, hop.showsCertificate());
    }

    private void perform(List<Act> acts) {
        for (Act act : acts) {
            Wire open = over ? null : wire;
            switch (act) {
                case Act.Send send -> {
                    if (open != null) {
                        open.write(send.octets(), 0, send.octets().length);
                    }
                }
                case Act.StartTls start -> {
                    if (open != null) {
                        open.startTls(tlsNeed());
                    }
                }
                case Act.SendBody send -> {
                    body.want();
                    pump();
                }
                case Act.StopBody stop -> body.stop();
                case Act.Ready ready -> {
                    offer = ready.offer();
                    hearing.tell(new Step.Ready(ready.offer()));
                }
                case Act.Done done -> {
                    body.stop();
                    hearing.tell(new Step.Done(done.fates(), done.reusable()));
                }
                case Act.Told told -> hearing.tell(new Step.Told(told.reply()));
                case Act.Unusable unusable -> hearing.tell(new Step.Unusable(unusable.why()));
                case Act.Close close -> {
                    ended = true;
                    if (open != null) {
                        open.close();
                    }
                }
            }
        }
        if (conversation.isLeaving()) {
            leaves();
        }
        Wire open = wire;
        if (!over && open != null && !acts.isEmpty()) {
            open.flush();
        }
        arm();
    }

    /** Hands the next part to the wire when both want it. */
    private void pump() {
        Wire open = wire;
        if (over || open == null || !body.canGo(open)) {
            return;
        }
        if (body.send(open)) {
            hearing.tell(new Step.More());
        }
        arm();
    }

    private void arm() {
        alarm.set(over ? null : wire);
    }

    private void ring() {
        alarm.rang();
        long now = clock.nanos();
        if (over) {
            return;
        }
        if (alarm.isOwnOver(now)) {
            alarm.noOwn();
            if (hearing.end()) {
                perform(conversation.quit(now));
            } else {
                perform(conversation.lost(Kind.TIMEOUT, "no TLS handshake in time"));
            }
            return;
        }
        perform(conversation.tick(now));
    }
}
