package org.hikyaku.main;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.hikyaku.admin.FreezeDesk;
import org.hikyaku.check.DecoySecret;
import org.hikyaku.check.DovecotUsers;
import org.hikyaku.config.Config;
import org.hikyaku.deliver.Connections;
import org.hikyaku.deliver.Deliverer;
import org.hikyaku.deliver.DeliveryAgent;
import org.hikyaku.deliver.DiscardAgent;
import org.hikyaku.deliver.Etrn;
import org.hikyaku.deliver.MailboxAgent;
import org.hikyaku.deliver.PickupAgent;
import org.hikyaku.deliver.Pickups;
import org.hikyaku.deliver.PipeAgent;
import org.hikyaku.deliver.Quirks;
import org.hikyaku.deliver.RoutedHoming;
import org.hikyaku.deliver.SmtpAgent;
import org.hikyaku.drop.DropDirectory;
import org.hikyaku.drop.DropMail;
import org.hikyaku.hostmail.HostSender;
import org.hikyaku.hostmail.WithoutForged;
import org.hikyaku.listen.Listeners;
import org.hikyaku.listen.Reception;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.DomainPattern;
import org.hikyaku.mail.IpLiteral;
import org.hikyaku.mime.RewriteAddresses;
import org.hikyaku.mime.Transform;
import org.hikyaku.operate.Operations;
import org.hikyaku.operate.Suppressions;
import org.hikyaku.policy.RelayGrants;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.queue.DamageReports;
import org.hikyaku.queue.Explainer;
import org.hikyaku.queue.Intake;
import org.hikyaku.queue.QueueManager;
import org.hikyaku.route.Asked;
import org.hikyaku.route.Router;
import org.hikyaku.smtp.server.Input;
import org.hikyaku.spool.Draft;
import org.hikyaku.spool.JournalSpool;
import org.hikyaku.spool.Spool;
import org.hikyaku.table.LocalDirectory;
import org.hikyaku.table.Users;
import org.hikyaku.tls.FirstCertificate;
import org.hikyaku.world.Event;
import org.hikyaku.world.FileTrouble;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;

/**
 * The program put together: the only graph of {@code new}. The same in the real outside and in the simulated one.
 *
 * <p>Start: files, spool (locked and recovered), queue, deliverers, and the listeners last, so that nothing is taken
 * before it can be kept. Stop: the other way round; what was acknowledged is in the spool all the time.
 *
 * <p><i>Failure:</i> {@link StartFailure} with every reason known; what had been started is stopped again.
 */
public final class Assembly {
    private static final Duration SESSIONS_PATIENCE = Duration.ofSeconds(20);
    private static final Duration DELIVERIES_PATIENCE = Duration.ofSeconds(20);
    /** A message of the drop directory that is being stored, and its pause between two looks. */
    private static final Duration DROP_PATIENCE = Duration.ofSeconds(10);

    private final World world;
    private final Hooks hooks;
    private final AtomicReference<Snapshot> inForce;
    private final SrsRenewal srsRenewal;
    private final JournalSpool journal;
    private final Spool spool;
    private final QueueManager queue;
    private final DamageReports damages;
    private final Operations operations;
    private final Doorkeeper doorkeeper;
    private final DovecotUsers others;
    private final Connections connections;
    private final Router router;
    private final Quirks quirks;
    private final SmtpAgent smtp;
    private final Listeners listeners;
    private final Tasks.Task deliverer;
    private final Pickups pickups;
    private final MailboxAgent maildirs;
    private final MailboxAgent mboxes;
    private final Optional<DropDirectory> dropDirectory;
    private final Optional<Tasks.Task> dropping;
    private final Etrn etrn;
    private final Tasks.Task asking;

    private Assembly(
            World world, Hooks hooks, Snapshot snapshot, DovecotUsers others, JournalSpool journal, byte[] secret)
            throws IOException {
        this.world = world;
        this.hooks = hooks;
        this.inForce = new AtomicReference<>(snapshot);
        this.srsRenewal = new SrsRenewal(world, inForce);
        Config config = snapshot.config();
        this.journal = journal;
        this.spool = hooks.spool().apply(journal);
        this.queue = new QueueManager(world, spool, this::config, this::directory);
        this.router = Router.open(world, config, snapshot.routes());
        queue.homing(new RoutedHoming(router, this::config));
        this.operations = Operations.open(world, queue.admin(), this::config, config.operationsDirectory());
        journal.recover(message -> {
            operations.recovered(message);
            queue.message(message);
        });
        Intake intake = new Intake(world, spool, this::directory, queue, operations.gate());
        this.damages = new DamageReports(world, spool, this::config, intake, queue.admin());
        spool.onDamage(damages::damage);
        this.others = others;
        this.doorkeeper = new Doorkeeper(world, inForce, others, operations.accounts(), router, secret);
        queue.onOutcome(doorkeeper.ear());
        this.connections = new Connections();
        this.quirks = new Quirks(world);
        this.smtp = new SmtpAgent(world, connections, quirks);
        this.pickups = new Pickups(world, queue, this::config);
        this.maildirs = MailboxAgent.maildir(world, this::directory, this::users);
        this.mboxes = MailboxAgent.mbox(world, this::directory, this::users);
        this.listeners = new Listeners(reception(intake), config);
        queue.start();
        operations.accounts().resume();
        doorkeeper.prepare();
        others.use(config.auth());
        this.deliverer = deliverer();
        this.dropDirectory = config.sendmail()
                .dropDirectory()
                .map(drop -> new DropDirectory(
                        world,
                        this::config,
                        new DropMail(world, intake, this::directory, doorkeeper.sentByUsers()),
                        drop));
        this.dropping = dropDirectory.map(DropDirectory::start);
        this.etrn = new Etrn(world, router, quirks, listeners::turned, this::config);
        this.asking = etrn.start();
        srsRenewal.follow(config);
    }

    /**
     * Starts everything. Returns when mail is taken.
     *
     * @param config checked by the reader
     */
    public static Assembly start(World world, Config config, Hooks hooks) throws StartFailure {
        try {
            world.disk().makeDirectories(config.dataDir());
            if (hooks.ownsHost() && config.tls().certificate().isEmpty()) {
                new FirstCertificate(world.disk(), world.clock(), world.entropy(), world.events())
                        .ensure(config.dataDir(), config.hostname().ascii());
            }
            SrsRenewal.renew(world, config);
            DovecotUsers others = new DovecotUsers(world);
            Snapshot.Loaded loaded =
                    Snapshot.load(world.disk(), world.clock(), config, hooks.ownsHost(), others::beside);
            if (loaded.snapshot().isEmpty()) {
                throw new StartFailure(loaded.problems());
            }
            return assemble(world, hooks, loaded.snapshot().get(), others);
        } catch (IOException e) {
            throw new StartFailure(FileTrouble.of(e), e);
        }
    }

    private static Assembly assemble(World world, Hooks hooks, Snapshot snapshot, DovecotUsers others)
            throws IOException, StartFailure {
        Config config = snapshot.config();
        Optional<String> unfit = hooks.ownsHost() ? hooks.keys().apply(snapshot.keys()) : Optional.empty();
        if (unfit.isPresent()) {
            throw new StartFailure(List.of(unfit.get()));
        }
        Path keys = config.keysDirectory();
        world.disk().makeDirectories(keys);
        byte[] secret = DecoySecret.readOrMake(world.disk(), world.entropy(), keys.resolve("decoy-secret"));
        JournalSpool journal = JournalSpool.open(
                world, config.spoolDirectory(), config.spool(), config.limits().draftMemory());
        Assembly assembly;
        try {
            assembly = new Assembly(world, hooks, snapshot, others, journal, secret);
        } catch (IOException e) {
            journal.close();
            throw e;
        }
        try {
            assembly.listeners.open();
        } catch (IOException e) {
            assembly.stop();
            throw e;
        }
        return assembly;
    }

    private Reception reception(Intake intake) {
        return new Reception(
                world,
                doorkeeper.policy(spool, queue, new MailboxRoom(maildirs, mboxes)),
                doorkeeper.mechanisms(),
                session -> draft(intake, session),
                (draft, prepended, envelope, origin, hold, messageId, loop, done) -> intake.take(
                        new Intake.Incoming(draft, prepended, envelope, origin, hold, messageId), loop, done),
                queue::startDomains,
                this::prepareTurn);
    }

    /** Of what users of this host bring, what is not to be believed stays out of it. */
    private Draft draft(Intake intake, SessionFacts session) {
        Optional<Transform> without = session.hostUser()
                .map(user -> new WithoutForged(
                                new HostSender(
                                        user, session.config(), directory().firstDomain()),
                                session.config().limits().headersSizeMax())
                        .then(RewriteAddresses.completing(directory().firstDomain())));
        String client = session.hostUser().isPresent() ? "" : IpLiteral.number(session.remote());
        return intake.draft(session.account().orElse(""), client, without);
    }

    private Reception.Turn prepareTurn(String user, List<DomainPattern> domains) {
        return switch (pickups.prepare(user, domains)) {
            case READY ->
                new Reception.Turn(Input.Fetching.READY, Optional.of(wire -> pickups.begin(user, domains, wire)));
            case NO_MAIL -> new Reception.Turn(Input.Fetching.NO_MAIL, Optional.empty());
            case BUSY -> new Reception.Turn(Input.Fetching.BUSY, Optional.empty());
            case UNABLE -> new Reception.Turn(Input.Fetching.UNABLE, Optional.empty());
        };
    }

    private Tasks.Task deliverer() {
        Map<String, DeliveryAgent> agents = new LinkedHashMap<>();
        agents.put("maildir", maildirs);
        agents.put("mbox", mboxes);
        agents.put("discard", new DiscardAgent());
        agents.put(PipeAgent.NAME, new PipeAgent(world));
        agents.put("pickup", new PickupAgent(world, pickups));
        return new Deliverer(world, queue, router, smtp, agents, this::config, doorkeeper.gone()::holds).start();
    }

    /**
     * Puts another configuration and the files it names in force, for new sessions and new attempts; those under way keep
     * theirs. Waits for the disk.
     *
     * @return what is wrong, then the old one stays; empty when it was taken
     */
    public List<String> reload(Config fresh) {
        try {
            SrsRenewal.renew(world, fresh);
        } catch (IOException e) {
            return List.of("the keys of addresses.srs: " + FileTrouble.of(e));
        }
        Snapshot.Loaded loaded = Snapshot.load(world.disk(), world.clock(), fresh, hooks.ownsHost(), others::beside);
        if (loaded.snapshot().isEmpty()) {
            return loaded.problems();
        }
        Snapshot next = loaded.snapshot().get();
        Optional<String> unfit = hooks.ownsHost() ? hooks.keys().apply(next.keys()) : Optional.empty();
        if (unfit.isPresent()) {
            return List.of(unfit.get());
        }
        router.reload(fresh, next.routes());
        inForce.set(next);
        others.use(fresh.auth());
        srsRenewal.follow(fresh);
        listeners.reload(fresh);
        journal.reload(fresh.spool());
        return List.of();
    }

    /** Ends sessions and deliveries in order, then everything. Waits, a minute at the most. */
    public void stop() {
        int left = listeners.stop(SESSIONS_PATIENCE);
        dropDirectory.ifPresent(DropDirectory::stop);
        dropping.filter(task -> !task.join(DROP_PATIENCE)).ifPresent(Tasks.Task::cancel);
        asking.cancel();
        srsRenewal.close();
        operations.close();
        queue.stop(DELIVERIES_PATIENCE);
        deliverer.cancel();
        connections.close();
        router.close();
        doorkeeper.close();
        others.close();
        damages.close();
        spool.close();
        world.events().emit(Event.SERVER_STOPPED, left);
    }

    /** The configuration in force. */
    public Config config() {
        return inForce.get().config();
    }

    private LocalDirectory directory() {
        return inForce.get().directory();
    }

    private Users users() {
        return inForce.get().users();
    }

    /** What operators do. */
    public Operations operations() {
        return operations;
    }

    /** Who may relay for a while. */
    public RelayGrants grants() {
        return doorkeeper.grants();
    }

    /** What closes the account of a user, and opens it. */
    public FreezeDesk.Doors doors() {
        return new FreezeDesk.Doors() {
            @Override
            public int end(String user, boolean dry) {
                return listeners.end(user, dry);
            }

            @Override
            public boolean isActive(String user) {
                return doorkeeper.isActive(user);
            }

            @Override
            public void forget(String user) {
                doorkeeper.forget(user);
            }

            @Override
            public Optional<String> listed(String name) {
                return users().login(name, config().local().domains()).map(Users.User::name);
            }
        };
    }

    /** Tells what becomes of addresses. */
    public Explainer explainer() {
        return new Explainer(
                this::config,
                this::directory,
                address -> doorkeeper
                        .suppressions()
                        .find(address)
                        .map(found -> "suppressed until " + found.until() + ", by " + found.by()));
    }

    /** To whom nothing is sent any more. */
    public Suppressions suppressions() {
        return doorkeeper.suppressions();
    }

    /** Which way mail goes, and by which rule. */
    public Router.Told route(Asked asked) {
        return router.explain(asked, config());
    }

    /** Of whose address that list is not asked. Never waits. */
    public boolean isSpared(Address address) {
        return doorkeeper.gone().isSpared(address);
    }

    /** Asks for the mail that others keep for us. */
    public Etrn etrn() {
        return etrn;
    }

    /** What is known of hosts' faults. */
    public Quirks quirks() {
        return quirks;
    }

    /** What goes to other hosts. */
    public SmtpAgent smtp() {
        return smtp;
    }

    public QueueManager queue() {
        return queue;
    }

    public Spool spool() {
        return spool;
    }

    public Listeners listeners() {
        return listeners;
    }
}
