package org.hikyaku.deliver;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.hikyaku.mail.Domain;
import org.hikyaku.route.Hop;
import org.hikyaku.sim.SimFault;
import org.hikyaku.sim.SimFaults;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.table.LocalDirectory;
import org.hikyaku.world.World;

/** Where an agent of mailboxes delivers to, in the simulated world, as the contract of agents looks at it. */
final class MailboxPlace implements DeliveryAgentContract.Place {
    /** Whole messages of a user of b.example, as they lie in his mailbox. */
    interface Mailbox {
        List<String> messages(World world, String user) throws IOException;
    }

    private final SimWorld sim;
    private final Function<World, MailboxAgent> maker;
    private final MailboxAgent agent;
    private final Mailbox mailbox;

    MailboxPlace(SimWorld sim, Function<World, MailboxAgent> maker, Mailbox mailbox) {
        this.sim = sim;
        this.maker = maker;
        this.agent = maker.apply(sim.world());
        this.mailbox = mailbox;
    }

    @Override
    public DeliveryAgent agent() {
        return agent;
    }

    @Override
    public DeliveryAgent restarted() {
        return maker.apply(sim.world());
    }

    @Override
    public List<Hop> hops() {
        return List.of();
    }

    @Override
    public List<String> bodies(String recipient) {
        List<String> bodies = new ArrayList<>();
        sim.run(world -> mailbox.messages(world, recipient.replaceFirst("@.*", ""))
                .forEach(text -> bodies.add(text.replaceFirst("(?s)^.*?\n\n", ""))));
        return bodies;
    }

    static LocalDirectory directory(World world, String... addresses) {
        return LocalDirectory.load(
                        Domain.of("me.example"), Errand.CONFIG.local(), Set.of(addresses)::contains, world.disk())
                .directory();
    }

    /** All that a disk may refuse, each now and then. */
    static SimFaults refusals() {
        SimFaults faults = SimFaults.none();
        for (SimFault fault : List.of(
                SimFault.FORCE_FAILED,
                SimFault.DIRECTORY_FORCE_FAILED,
                SimFault.WRITE_FAILED,
                SimFault.DISK_FULL,
                SimFault.NAME_FAILED)) {
            faults = faults.with(fault, 0.05);
        }
        return faults;
    }
}
