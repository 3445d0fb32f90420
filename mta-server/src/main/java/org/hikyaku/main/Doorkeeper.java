package org.hikyaku.main;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.hikyaku.check.ClosedCheck;
import org.hikyaku.check.DovecotAuth;
import org.hikyaku.check.DovecotUsers;
import org.hikyaku.check.HoldQuotaCheck;
import org.hikyaku.check.HostSenderCheck;
import org.hikyaku.check.InquiryCheck;
import org.hikyaku.check.LoginCheck;
import org.hikyaku.check.LoginMechanisms;
import org.hikyaku.check.MailboxRoomCheck;
import org.hikyaku.check.NullMxCheck;
import org.hikyaku.check.OutboundCheck;
import org.hikyaku.check.OwnTagCheck;
import org.hikyaku.check.QualifiedCheck;
import org.hikyaku.check.RecipientCheck;
import org.hikyaku.check.RelayCheck;
import org.hikyaku.check.ResidentCheck;
import org.hikyaku.check.RoomCheck;
import org.hikyaku.check.SenderCheck;
import org.hikyaku.check.SuppressionCheck;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Recipient;
import org.hikyaku.operate.AccountKeeper;
import org.hikyaku.operate.Suppressions;
import org.hikyaku.policy.Check;
import org.hikyaku.policy.OutboundCounts;
import org.hikyaku.policy.PolicyChain;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.RelayGrants;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.queue.Outcome;
import org.hikyaku.queue.QueueManager;
import org.hikyaku.route.Router;
import org.hikyaku.spool.Spool;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.table.LocalDirectory;
import org.hikyaku.table.Users;
import org.hikyaku.world.World;

/**
 * Who may come in and send what: THE list of the checks, in their order, with all that they remember between sessions (logins,
 * grants, what users sent, who is gone), and what they learn of outcomes.
 *
 * <p><i>Failure:</i> what it cannot read at the start ends the start; afterwards a check answers for itself.
 */
final class Doorkeeper {
    private static final int POLICY_IN_FLIGHT_MAX = 1_000;

    private final World world;
    private final AtomicReference<Snapshot> inForce;
    private final DovecotUsers others;
    private final AccountKeeper accounts;
    private final Router router;
    private final LoginCheck logins;
    private final DovecotAuth dovecot;
    private final RelayGrants grants = new RelayGrants();
    private final OutboundCounts sent = new OutboundCounts();
    private final OutboundCheck outbound;
    private final SentByUsers sentByUsers;
    private final Suppressions suppressions;
    private final GoneRecipients gone;

    /**
     * @param others users whom nobody here knows
     * @param secret of {@link LoginCheck}
     */
    Doorkeeper(
            World world,
            AtomicReference<Snapshot> inForce,
            DovecotUsers others,
            AccountKeeper accounts,
            Router router,
            byte[] secret)
            throws IOException {
        this.world = world;
        this.inForce = inForce;
        this.others = others;
        this.accounts = accounts;
        this.router = router;
        Config config = config();
        this.logins = new LoginCheck(world, this::users, accounts::isFrozen, config.auth(), secret);
        this.outbound = new OutboundCheck(world, sent, accounts::suspect);
        this.sentByUsers = new SentByUsers(world, sent, outbound);
        this.suppressions = Suppressions.load(world, this::config, config.operationsDirectory());
        this.gone = new GoneRecipients(suppressions, router, this::config, this::directory);
        this.dovecot = new DovecotAuth(world, this::config);
    }

    PolicyChain policy(Spool spool, QueueManager queue, MailboxRoom rooms) {
        List<Check> checks = List.of(
                logins,
                new ClosedCheck(accounts::isFrozen),
                new RoomCheck(spool::hasRoom),
                new HoldQuotaCheck((user, octets, messagesMax, octetsMax) -> queue.kept()
                        .hasRoom(
                                user,
                                octets,
                                messagesMax,
                                octetsMax,
                                world.clock().now())),
                new QualifiedCheck(this::directory),
                new OwnTagCheck(this::directory, this::isListed, others),
                new SenderCheck(this::directory, () -> inForce.get().grants()),
                new HostSenderCheck(world, this::directory),
                new RelayCheck(
                        this::directory,
                        address -> grants.holds(address, world.clock().nanos())),
                new ResidentCheck(this::directory, this::isListed, others),
                new RecipientCheck(this::directory),
                new SuppressionCheck(gone::holds),
                new MailboxRoomCheck(this::directory, rooms),
                new NullMxCheck(world, router::byMx),
                new InquiryCheck(this::directory),
                outbound);
        return new PolicyChain(checks, world, POLICY_IN_FLIGHT_MAX, this::refused);
    }

    LoginMechanisms mechanisms() {
        return new LoginMechanisms(
                this::config, this::users, world.entropy(), Optional.of(dovecot), accounts::isFrozen);
    }

    /** Sessions begin soon. */
    void prepare() {
        dovecot.prepare();
    }

    /** One of our checks has refused a recipient of a user's. */
    private void refused(Question question, SessionFacts facts) {
        if (question instanceof Question.Recipient asked && facts.account().isPresent()) {
            outbound.rejected(OutboundCheck.kind(facts), facts.account().get(), facts.config(), asked.sender());
        }
    }

    /** Learns from what becomes of mail. */
    QueueManager.OutcomeEar ear() {
        return new QueueManager.OutcomeEar() {
            @Override
            public void refused(StoredMessage message, Recipient to, Outcome.Failed how) {
                gone.refused(message.envelope().sender(), to.address(), how);
                if (!how.why().reply().isEmpty()) {
                    sentByUsers.refused(message, to, config());
                }
            }

            @Override
            public void taken(StoredMessage message, Recipient to) {
                suppressions.delivered(to.address());
                sentByUsers.taken(message, to);
            }
        };
    }

    /** Who may relay for a while. */
    RelayGrants grants() {
        return grants;
    }

    /** To whom nothing is sent any more. */
    Suppressions suppressions() {
        return suppressions;
    }

    GoneRecipients gone() {
        return gone;
    }

    SentByUsers sentByUsers() {
        return sentByUsers;
    }

    /** Whether a user has sent something of late. */
    boolean isActive(String user) {
        return sent.isActive(user, world.clock().nanos());
    }

    /** Begins anew to count what a user sends. */
    void forget(String user) {
        sent.forget(user);
    }

    void close() {
        logins.close();
        dovecot.close();
        suppressions.close();
    }

    private Config config() {
        return inForce.get().config();
    }

    private boolean isListed(String name) {
        return users().has(name) || config().agents().names(name);
    }

    private LocalDirectory directory() {
        return inForce.get().directory();
    }

    private Users users() {
        return inForce.get().users();
    }
}
