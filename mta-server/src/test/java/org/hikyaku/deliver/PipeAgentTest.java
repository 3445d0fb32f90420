package org.hikyaku.deliver;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Site;
import org.hikyaku.queue.Outcome;
import org.hikyaku.route.Hop;
import org.hikyaku.sim.SimProcesses.Result;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.world.Event;
import org.hikyaku.world.Processes;
import org.junit.jupiter.api.Test;

class PipeAgentTest implements DeliveryAgentContract {
    private static final String PROGRAM = "/usr/local/bin/ticket";
    private static final Config CONFIG = Errand.config(
            "agents.pipes.ticket { command = [\"" + PROGRAM + "\", \"--new\", \"$x; y\"], time_limit = 1m }");

    @Override
    public Place place(SimWorld sim) {
        Map<String, List<String>> got = new LinkedHashMap<>();
        sim.host().programs().install(PROGRAM, (program, input) -> {
            String to = String.valueOf(program.environment().get("RECIPIENT"));
            if (to.startsWith("nobody")) {
                return Result.exit(67);
            }
            String text = new String(input, StandardCharsets.ISO_8859_1).replaceFirst("(?s)^.*?\n\n", "");
            got.computeIfAbsent(to, key -> new ArrayList<>()).add(text);
            return Result.exit(0);
        });
        PipeAgent agent = new PipeAgent(sim.world());
        return new Place() {
            @Override
            public DeliveryAgent agent() {
                return delivery -> agent.deliver(toPipe(delivery));
            }

            @Override
            public DeliveryAgent restarted() {
                PipeAgent next = new PipeAgent(sim.world());
                return delivery -> next.deliver(toPipe(delivery));
            }

            @Override
            public List<Hop> hops() {
                return List.of();
            }

            @Override
            public List<String> bodies(String recipient) {
                return got.getOrDefault(recipient, List.of());
            }
        };
    }

    @Override
    public int steps() {
        return 5;
    }

    private static Delivery toPipe(Delivery other) {
        return new Delivery(other.message(), other.recipients(), "ticket", new Site("test"), List.of(), CONFIG);
    }

    private static Outcomes deliver(SimWorld sim, String to) {
        StoredMessage message = Errand.message(Errand.content(Errand.TEXT), false, false, to);
        Delivery delivery = toPipe(Errand.delivery(message, CONFIG));
        return Errand.deliver(sim, new PipeAgent(sim.world()), delivery);
    }

    private static List<String> ending(Result result) {
        try (SimWorld sim = new SimWorld(1)) {
            sim.host().programs().install(PROGRAM, (program, input) -> result);
            List<String> words = Errand.words(deliver(sim, "b@b.example"));
            boolean well = words.getFirst().equals("delivered");
            assertThat(sim.events().count(Event.PROGRAM_FAILED)).isEqualTo(well ? 0 : 1);
            return words;
        }
    }

    @Test
    void theProgramGetsTheMessageAndWhoItIsForAndNoAddressAmongItsArguments() {
        try (SimWorld sim = new SimWorld(1)) {
            List<Processes.Program> runs = new ArrayList<>();
            List<String> inputs = new ArrayList<>();
            sim.host().programs().install(PROGRAM, (program, input) -> {
                runs.add(program);
                inputs.add(new String(input, StandardCharsets.US_ASCII));
                return Result.exit(0);
            });
            assertThat(Errand.words(deliver(sim, "b+tag@b.example"))).containsExactly("delivered");
            assertThat(inputs)
                    .containsExactly(
                            "Return-Path: <a@x.example>\nDelivered-To: b+tag@b.example\nSubject: hello\n\n.dot\nbody\n");
            assertThat(runs.getFirst().command()).containsExactly(PROGRAM, "--new", "$x; y");
            assertThat(runs.getFirst().limit()).isEqualTo(Duration.ofMinutes(1));
            assertThat(runs.getFirst().environment())
                    .containsEntry("SENDER", "a@x.example")
                    .containsEntry("RECIPIENT", "b+tag@b.example")
                    .containsEntry("ORIGINAL_RECIPIENT", "b+tag@b.example")
                    .containsEntry("LOCAL", "b+tag")
                    .containsEntry("USER", "b")
                    .containsEntry("EXTENSION", "tag")
                    .containsEntry("DOMAIN", "b.example")
                    .containsKeys("PATH", "LANG", "QUEUE_ID", "CLIENT_ADDRESS")
                    .hasSize(11);
        }
    }

    @Test
    void exitCodesMeanWhatSysexitsSays() {
        assertThat(ending(Result.exit(0))).containsExactly("delivered");
        assertThat(ending(Result.exit(67))).containsExactly("failed 5.1.1");
        assertThat(ending(Result.exit(68))).containsExactly("failed 5.1.2");
        assertThat(ending(Result.exit(65))).containsExactly("failed 5.6.0");
        assertThat(ending(Result.exit(69))).containsExactly("failed 5.3.0");
        assertThat(ending(Result.exit(77))).containsExactly("failed 5.7.1");
        for (int code : new int[] {1, 2, 66, 70, 71, 72, 73, 74, 75, 76, 137, 255}) {
            assertThat(ending(Result.exit(code))).as("exit " + code).containsExactly("retry 4.3.0");
        }
        for (int code : new int[] {64, 78, 126, 127}) {
            assertThat(ending(Result.exit(code))).as("exit " + code).containsExactly("retry 4.3.5");
        }
    }

    @Test
    void whoTakesTooLongOrIsNotThereLetsTheMessageWait() {
        assertThat(ending(new Result(0, "", Duration.ofMinutes(2)))).containsExactly("retry 4.3.0");
        try (SimWorld sim = new SimWorld(1)) {
            assertThat(Errand.words(deliver(sim, "b@b.example"))).containsExactly("retry 4.3.5");
        }
    }

    @Test
    void theSenderHearsWhatARefusalSaysOneLineAndNothingOfOtherTroubles() {
        for (int code : new int[] {77, 75}) {
            try (SimWorld sim = new SimWorld(1)) {
                sim.host()
                        .programs()
                        .install(
                                PROGRAM,
                                (program, input) ->
                                        new Result(code, "\nonly\u001b members\n/srv/secret: line 2", Duration.ZERO));
                String text = switch (deliver(sim, "b@b.example").all().getFirst()) {
                    case Outcome.Failed failed -> failed.why().text();
                    case Outcome.Retry retry -> retry.why().text();
                    case Outcome.Delivered delivered -> "";
                };
                assertThat(text)
                        .isEqualTo(
                                code == 77 ? "its program refuses it: only? members" : "its program did not take it");
            }
        }
    }
}
