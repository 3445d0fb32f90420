package org.hikyaku.check;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.hikyaku.config.Config;
import org.hikyaku.config.ConfigReader;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.HeaderScan;
import org.hikyaku.mail.HostUser;
import org.hikyaku.mail.Recipient;
import org.hikyaku.policy.Check;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.table.Grants;
import org.hikyaku.table.LocalDirectory;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Event;
import org.hikyaku.world.World;

/** Dovecot with anna and the odd one who is not well, the checks that ask it, and what was heard. */
final class DovecotBed {
    static final Set<String> LISTED = Set.of("joe@here.example", "lm@here.example");

    final FakeDovecot dovecot;
    final DovecotUsers users;
    final World world;
    private final Config config;
    private final List<Check> checks;
    private final LocalDirectory directory;

    interface Body {
        void run(DovecotBed bed) throws Exception;
    }

    static Config config(String more) {
        return config(more, "198.51.100.9:4567");
    }

    static Config config(String more, String dovecot) {
        return ConfigReader.fromText("""
                hostname = mail.here.example
                local { domains = [here.example], postmaster = "joe@here.example", delivery = lmtp, lmtp = "198.51.100.9:24" }
                auth { dovecot = "198.51.100.9:4567", dovecot_users = "%s" }
                """.formatted(dovecot) + more);
    }

    private DovecotBed(World world, FakeDovecot dovecot, Config config) {
        this.dovecot = dovecot;
        this.world = world;
        this.config = config;
        this.users = new DovecotUsers(world);
        LocalDirectory.Loaded loaded =
                LocalDirectory.load(config, users.beside(LISTED::contains, config), world.disk(), world.clock());
        assertThat(loaded.problems()).isEmpty();
        this.directory = loaded.directory();
        users.use(config.auth());
        this.checks = List.of(
                new OwnTagCheck(() -> directory, LISTED::contains, users),
                new SenderCheck(() -> directory, Grants::none),
                new ResidentCheck(() -> directory, LISTED::contains, users),
                new RecipientCheck(() -> directory),
                new InquiryCheck(() -> directory));
    }

    /** What Dovecot says. */
    static void usual(FakeDovecot dovecot, String line) {
        String[] words = line.split("\t", -1);
        if (line.isEmpty()) {
            dovecot.say("VERSION\t1\t2\nSPID\t99\n");
        } else if (words[0].equals("USER")) {
            dovecot.say(
                    switch (words[2]) {
                        case "anna@here.example", "anna-maria@here.example" -> "USER\t" + words[1] + "\tanna\tuid=1\n";
                        case "sick@here.example" -> "FAIL\t" + words[1] + "\treason=x\n";
                        default -> "NOTFOUND\t" + words[1] + "\n";
                    });
        }
    }

    static void with(int seed, BiConsumer<FakeDovecot, String> reaction, Config config, Body body) throws Exception {
        try (SimWorld sim = new SimWorld(seed)) {
            FakeDovecot dovecot = new FakeDovecot(sim, reaction);
            Path canonical = Path.of("/canonical");
            sim.run(world -> {
                try (Disk.File file = world.disk().create(canonical)) {
                    file.write(0, ByteBuffer.wrap("sales@partner.example: gone@here.example\n".getBytes(UTF_8)));
                }
                DovecotBed bed = new DovecotBed(world, dovecot, config);
                body.run(bed);
                bed.users.close();
            });
            assertThat(sim.events().count(Event.TASK_DIED)).isZero();
        }
    }

    LocalDirectory directory() {
        return directory;
    }

    /** Who is logged in, or a user of this host, or a stranger. */
    SessionFacts of(String login, String hostUser) {
        return new SessionFacts(
                "s",
                config,
                "mx",
                InetAddress.ofLiteral("192.0.2.7"),
                Optional.empty(),
                Optional.empty(),
                Optional.of(login).filter(user -> !user.isEmpty()),
                Optional.of(hostUser).filter(user -> !user.isEmpty()).map(user -> new HostUser(user, 1001)));
    }

    Optional<String> rcpt(String to) {
        return ask(new Question.Recipient(Address.of("a@elsewhere.example"), Address.of(to)), of("", ""));
    }

    /** The end of a stranger's message. */
    Optional<String> data(String... to) {
        return ask(message("From: a@elsewhere.example", to), of("", ""));
    }

    Optional<String> mail(String login, String from) {
        return ask(new Question.Sender(Address.of(from), 0), of(login, ""));
    }

    Question message(String header, String... to) {
        byte[] octets = (header + "\r\n\r\n").getBytes(UTF_8);
        HeaderScan scan = new HeaderScan(10_000);
        scan.feed(octets, 0, octets.length);
        List<Recipient> recipients =
                Stream.of(to).map(Address::of).map(Recipient::of).toList();
        return new Question.Message(
                new Envelope(Address.of("a@elsewhere.example"), recipients, false, false), scan.facts(), new Content() {
                    @Override
                    public long size() {
                        return 0;
                    }

                    @Override
                    public int read(ByteBuffer into, long position) {
                        return -1;
                    }
                });
    }

    /** The code and status of a refusal; empty for none. */
    Optional<String> ask(Question question, SessionFacts facts) {
        for (Check check : checks) {
            if (check.concerns(question)
                    && check.concerns(question, facts)
                    && check.answer(question, facts) instanceof Verdict.Reject(var reply)) {
                return Optional.of(reply.code() + " " + reply.enhanced());
            }
        }
        return Optional.empty();
    }

    /** The names, in their order. */
    List<String> asked() {
        return dovecot.heard.stream()
                .filter(line -> line.startsWith("USER"))
                .map(line -> line.split("\t", -1)[2])
                .toList();
    }

    void pass(Duration time) {
        world.tasks().sleep(time);
    }
}
