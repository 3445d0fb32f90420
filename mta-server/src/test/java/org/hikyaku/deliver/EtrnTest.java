package org.hikyaku.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.hikyaku.config.Config;
import org.hikyaku.config.DeliverySettings;
import org.hikyaku.config.OnDemandSettings;
import org.hikyaku.route.Router;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.world.Event;
import org.hikyaku.world.Tasks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** We ask a provider for our mail. */
class EtrnTest {
    private static final String ADDRESS = "198.51.100.1";
    private static final DeliverySettings.SmartHost SERVER = new DeliverySettings.SmartHost(
            ADDRESS,
            25,
            DeliverySettings.SmartHostTls.NONE,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    private final SimWorld sim = new SimWorld(7);
    private final FakeMx mx = Errand.mx(sim, ADDRESS);

    @AfterEach
    void close() {
        sim.close();
    }

    private Etrn etrn(Config config) {
        return new Etrn(
                sim.world(),
                new Router(sim.world(), config),
                new Quirks(sim.world()),
                wire -> mx.new Session(),
                () -> config);
    }

    private List<Etrn.Answer> ask(String... nodes) {
        AtomicReference<List<Etrn.Answer>> answers = new AtomicReference<>(new ArrayList<>());
        sim.run(world -> answers.set(etrn(Errand.CONFIG).ask(SERVER, OnDemandSettings.Ask.ETRN, List.of(nodes))));
        return answers.get();
    }

    @Test
    void eachNameIsAskedAndAnsweredByItself() {
        mx.offer = List.of("ETRN");
        mx.script = (session, line) -> line.equals("ETRN b.example")
                ? "459 4.7.1 not yours"
                : line.startsWith("ETRN") ? "253 2.0.0 OK, 3 pending" : null;
        List<Etrn.Answer> answers = ask("a.example", "b.example", "@bücher.example", "#queue");
        assertThat(answers).extracting(Etrn.Answer::taken).containsExactly(true, false, true, true);
        assertThat(answers.getFirst().text()).contains("3 pending");
        sim.runFor(Duration.ofSeconds(1));
        assertThat(mx.commands())
                .containsSubsequence(
                        "ETRN a.example", "ETRN b.example", "ETRN @xn--bcher-kva.example", "ETRN #queue", "QUIT");
        assertThat(sim.events().count(Event.ETRN_ASKED)).isEqualTo(3);
        assertThat(sim.events().count(Event.ETRN_FAILED)).isOne();
    }

    @Test
    void aServerThatDoesNotOfferItIsNotAsked() {
        assertThat(ask("a.example"))
                .extracting(Etrn.Answer::text)
                .containsExactly("the server does not offer ETRN to us");
        assertThat(mx.commands()).noneMatch(line -> line.startsWith("ETRN"));
    }

    @Test
    void aConnectionThatIsLostIsTold() {
        mx.offer = List.of("ETRN");
        mx.script = (session, line) -> line.equals("ETRN b.example") ? FakeMx.RESET : null;
        assertThat(ask("a.example", "b.example", "c.example"))
                .extracting(Etrn.Answer::taken)
                .containsExactly(true, false, false);
    }

    @Test
    void aProviderIsAskedAsOftenAsTheSettingsSay() {
        mx.offer = List.of("ETRN");
        Config config = Errand.config("on_demand.providers.isp { server = { host = \"" + ADDRESS
                + "\", port = 25, tls = none }, ask = etrn, domains = [b.example], every = 10m }\n"
                + "on_demand.providers.other { server = { host = \"" + ADDRESS
                + "\", port = 25, tls = none }, ask = etrn, domains = [by-command.example] }\n");
        sim.run(world -> {
            Tasks.Task task = etrn(config).start();
            world.tasks().sleep(Duration.ofMinutes(35));
            task.cancel();
        });
        assertThat(mx.commands().stream()
                        .filter(line -> line.startsWith("ETRN"))
                        .toList())
                .containsExactly("ETRN b.example", "ETRN b.example", "ETRN b.example", "ETRN b.example");
    }

    private List<Etrn.Answer> fetch(String... domains) {
        AtomicReference<List<Etrn.Answer>> answers = new AtomicReference<>(new ArrayList<>());
        sim.run(world -> answers.set(etrn(Errand.CONFIG).ask(SERVER, OnDemandSettings.Ask.ATRN, List.of(domains))));
        return answers.get();
    }

    @Test
    void atrnNamesAllDomainsInOneLineAndNoMailIsNoFailure() { // RFC 2645 5.2.1
        mx.offer = List.of("ATRN");
        mx.script = (session, line) -> line.startsWith("ATRN") ? "453 4.0.0 You have no mail" : null;
        assertThat(fetch("a.example", "b.example"))
                .extracting(Etrn.Answer::taken)
                .containsExactly(true);
        assertThat(fetch()).extracting(Etrn.Answer::taken).containsExactly(true);
        assertThat(mx.commands()).contains("ATRN a.example,b.example", "ATRN");
    }

    @Test
    void atrnThatIsRefusedIsToldAndNotTurned() {
        mx.offer = List.of("ATRN");
        mx.script = (session, line) -> line.startsWith("ATRN") ? "450 4.7.1 not yours" : null;
        assertThat(fetch("a.example")).extracting(Etrn.Answer::taken).containsExactly(false);
        mx.offer = List.of("ETRN");
        assertThat(fetch("a.example"))
                .extracting(Etrn.Answer::text)
                .containsExactly("the server does not offer ATRN to us");
    }

    @Test
    void atrnIsGivenTenMinutes() { // RFC 2645 5.2.1
        mx.offer = List.of("ATRN");
        mx.script = (session, line) -> line.startsWith("ATRN") ? FakeMx.SILENCE : null;
        long before = sim.world().clock().nanos();
        assertThat(fetch("a.example")).extracting(Etrn.Answer::taken).containsExactly(false);
        assertThat(Duration.ofNanos(sim.world().clock().nanos() - before))
                .isGreaterThanOrEqualTo(Duration.ofMinutes(10));
    }

    @Test
    void aProviderThatIsSilentDelaysNoOther() {
        mx.offer = List.of("ETRN");
        mx.script = (session, line) -> line.equals("ETRN mute.example") ? FakeMx.SILENCE : null;
        String server = "server = { host = \"" + ADDRESS + "\", port = 25, tls = none }, ask = etrn, every = 1m";
        Config config = Errand.config("on_demand.providers.a { " + server + ", domains = [mute.example] }\n"
                + "on_demand.providers.b { " + server + ", domains = [b.example] }\n");
        sim.run(world -> {
            Tasks.Task task = etrn(config).start();
            world.tasks().sleep(Duration.ofSeconds(150));
            task.cancel();
        });
        assertThat(mx.commands()).filteredOn("ETRN b.example"::equals).hasSize(3);
        assertThat(mx.commands()).filteredOn("ETRN mute.example"::equals).hasSize(1);
    }
}
