package org.hikyaku.deliver;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mail.Site;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.mail.Wishes;
import org.hikyaku.queue.Outcome;
import org.hikyaku.route.Hop;
import org.hikyaku.sim.SimHost;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.spool.Origin;
import org.hikyaku.spool.RecipientState;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.world.Endpoint;

/** What the tests of delivery need again and again. */
final class Errand {
    static final String TEXT = "Subject: hello\r\nReturn-Path: <old@x>\r\n\r\n.dot\r\nbody\r\n";
    static final Config CONFIG = config("");

    private Errand() {}

    static Config config(String more) {
        return ConfigReader.fromText(
                "hostname=me.example\nlocal.postmaster=\"a@b.example\"\nlocal.domains=[\"b.example\"]\nauth.users=/etc/users\n"
                        + "data_dir=/data\n" + more);
    }

    static Content content(String latin1) {
        byte[] octets = latin1.getBytes(StandardCharsets.ISO_8859_1);
        return new Content() {
            @Override
            public long size() {
                return octets.length;
            }

            @Override
            public int read(ByteBuffer target, long position) {
                int count = Math.min(target.remaining(), octets.length - (int) position);
                target.put(octets, (int) position, count);
                return count;
            }
        };
    }

    /** Gives {@code good} octets, then fails. */
    static Content broken(long size, long good) {
        return new Content() {
            @Override
            public long size() {
                return size;
            }

            @Override
            public int read(ByteBuffer target, long position) throws IOException {
                if (position >= good) {
                    throw new IOException("damaged");
                }
                int count = (int) Math.min(target.remaining(), good - position);
                for (int i = 0; i < count; i++) {
                    target.put((byte) 'x');
                }
                return count;
            }
        };
    }

    static StoredMessage message(Content content, boolean eightBit, boolean utf8, String... recipients) {
        List<Recipient> all =
                Stream.of(recipients).map(Address::of).map(Recipient::of).toList();
        Envelope envelope = new Envelope(Address.of("a@x.example"), all, eightBit, utf8);
        Instant now = Instant.ofEpochSecond(1_700_000_000);
        List<RecipientState> states =
                all.stream().map(r -> RecipientState.fresh(now)).toList();
        return new StoredMessage(new SpoolId(1), now, envelope, Origin.ownNotice(), states, "", content);
    }

    /** One that came with BODY=BINARYMIME. */
    static StoredMessage binary(String latin1, String... recipients) {
        boolean eightBit = latin1.chars().anyMatch(c -> c > 127);
        StoredMessage plain = message(content(latin1), eightBit, false, recipients);
        return new StoredMessage(
                plain.id(),
                plain.arrival(),
                plain.envelope().with(Wishes.NONE.withBinary(true)),
                plain.origin(),
                plain.states(),
                "",
                plain.content());
    }

    static Delivery delivery(StoredMessage message, Config config, Hop... hops) {
        return new Delivery(message, message.envelope().recipients(), "mx", new Site("test"), List.of(hops), config);
    }

    static Delivery delivery(List<Hop> hops, String... recipients) {
        return delivery(message(content(TEXT), false, false, recipients), CONFIG, hops.toArray(new Hop[0]));
    }

    static Endpoint tcp(String address) {
        return new Endpoint.Tcp(InetAddress.ofLiteral(address), 25);
    }

    static Hop hop(String address, Hop.Security security) {
        return new Hop("mx.example", tcp(address), Hop.Protocol.SMTP, security, Optional.empty());
    }

    static FakeMx mx(SimWorld sim, String address) {
        SimHost host = sim.remote("mx" + address, address);
        return new FakeMx(host, tcp(address));
    }

    static Outcomes deliver(SimWorld sim, DeliveryAgent agent, Delivery delivery) {
        AtomicReference<Outcomes> result = new AtomicReference<>();
        sim.run(world -> result.set(agent.deliver(delivery)));
        return result.get();
    }

    /** One word for each: {@code delivered}, {@code retry 4.4.1}, {@code failed 5.1.1}. */
    static List<String> words(Outcomes outcomes) {
        return outcomes.all().stream()
                .map(outcome -> switch (outcome) {
                    case Outcome.Delivered d -> "delivered" + (d.tls().isEmpty() ? "" : " " + d.tls());
                    case Outcome.Retry r -> "retry " + r.why().status();
                    case Outcome.Failed f -> "failed " + f.why().status();
                })
                .toList();
    }
}
