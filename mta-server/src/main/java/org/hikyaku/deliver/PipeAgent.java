package org.hikyaku.deliver;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hikyaku.config.AgentSettings;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.Recipient;
import org.hikyaku.mime.LocalLines;
import org.hikyaku.mime.Transform;
import org.hikyaku.queue.Outcome;
import org.hikyaku.world.Event;
import org.hikyaku.world.Processes;
import org.hikyaku.world.World;

/**
 * Gives mail to the programs of {@code agents.pipes}: one run for each recipient, the message on standard input with LF lines,
 * who it is for in the environment. No shell, no address among the arguments.
 *
 * <p>Delivered means that the program has ended with 0: it answers for the message from then on.
 *
 * <p><i>Failure:</i> as {@link ExitCode} says; a program that cannot be started, takes too long or dies lets the message wait.
 */
public final class PipeAgent implements DeliveryAgent {
    /** One agent serves all pipes, whatever their names. */
    public static final String NAME = "pipe";

    private static final Duration TIME_LIMIT = Duration.ofMinutes(5);
    private static final int OUTPUT_MAX = 4096;
    /** Of a program's output in a bounce. */
    private static final int SAID_MAX = 200;

    private final World world;

    public PipeAgent(World world) {
        this.world = world;
    }

    @Override
    public Outcomes deliver(Delivery delivery) {
        Outcomes outcomes = new Outcomes(delivery.recipients().size(), delivery.route());
        AgentSettings.Pipe pipe = delivery.config().agents().pipes().get(delivery.route());
        for (int place = 0; place < delivery.recipients().size(); place++) {
            Recipient recipient = delivery.recipients().get(place);
            if (pipe == null) {
                fail(delivery, recipient, place, FailurePolicy.ROUTE_UNUSABLE, "no pipe " + delivery.route(), outcomes);
            } else {
                run(delivery, pipe, recipient, place, outcomes);
            }
        }
        return outcomes;
    }

    private void run(Delivery delivery, AgentSettings.Pipe pipe, Recipient recipient, int place, Outcomes outcomes) {
        Processes.Ended ended;
        try {
            Outgoing outgoing = new Outgoing(
                    delivery.message().content(),
                    LocalForm.of(
                            delivery,
                            delivery.message().envelope().senderFor(recipient),
                            recipient.address(),
                            List.of(),
                            PipeAgent::form),
                    Outgoing.PART);
            byte[] first = outgoing.next();
            ended = start(delivery, pipe, recipient, new Rest(first, outgoing));
        } catch (Unstartable e) {
            told(delivery, recipient, String.valueOf(e.getMessage()), "");
            fail(delivery, recipient, place, FailurePolicy.PROGRAM_UNUSABLE, "its program cannot be run", outcomes);
            return;
        } catch (IOException e) {
            ended = new Processes.Ended.InputFailed();
        }
        switch (ended) {
            case Processes.Ended.InputFailed failed ->
                fail(
                        delivery,
                        recipient,
                        place,
                        FailurePolicy.CONTENT_UNREADABLE,
                        "the message cannot be read now",
                        outcomes);
            case Processes.Ended.OutOfTime late -> {
                told(delivery, recipient, "out of time", said(late.output()));
                fail(delivery, recipient, place, FailurePolicy.PROGRAM_FAILED, "its program took too long", outcomes);
            }
            case Processes.Ended.Exited exited -> exited(delivery, recipient, place, exited, outcomes);
        }
    }

    private void exited(
            Delivery delivery, Recipient recipient, int place, Processes.Ended.Exited exited, Outcomes outcomes) {
        if (exited.code() == 0) {
            outcomes.delivered(place, "", "", "taken by " + delivery.route(), Outcome.Word.DELIVERED);
            return;
        }
        FailurePolicy row = ExitCode.row(exited.code());
        String said = said(exited.output());
        told(delivery, recipient, "exit code " + exited.code(), said);
        // what it says of a refusal is for the sender; of its own troubles he hears no more than that there are some
        boolean refused = row.then() == FailurePolicy.Then.FAIL;
        String text = refused && !said.isEmpty() ? "its program refuses it: " + said : "its program did not take it";
        fail(delivery, recipient, place, row, text, outcomes);
    }

    private Processes.Ended start(
            Delivery delivery, AgentSettings.Pipe pipe, Recipient recipient, Processes.Input input) throws Unstartable {
        try {
            return world.processes()
                    .run(new Processes.Program(
                            pipe.command(),
                            environment(delivery, recipient),
                            Path.of("/"),
                            input,
                            pipe.timeLimit().orElse(TIME_LIMIT),
                            OUTPUT_MAX));
        } catch (IOException e) {
            throw new Unstartable(e);
        }
    }

    private static Map<String, String> environment(Delivery delivery, Recipient recipient) {
        Address to = recipient.address();
        int tag = delivery.config().local().tagOf(to.local());
        Map<String, String> all = new LinkedHashMap<>();
        all.put("PATH", "/usr/local/bin:/usr/bin:/bin");
        all.put("LANG", "C.UTF-8");
        all.put("SENDER", delivery.message().envelope().senderFor(recipient).toString());
        all.put("RECIPIENT", to.toString());
        all.put("ORIGINAL_RECIPIENT", recipient.original().toString());
        all.put("LOCAL", to.local());
        all.put("USER", tag > 0 ? to.local().substring(0, tag) : to.local());
        all.put("EXTENSION", tag > 0 ? to.local().substring(tag + 1) : "");
        all.put("DOMAIN", to.domain().map(Object::toString).orElse(""));
        all.put("QUEUE_ID", delivery.message().id().toString());
        all.put("CLIENT_ADDRESS", delivery.message().origin().client());
        all.replaceAll((name, value) -> printable(value));
        return all;
    }

    private static Transform form(Transform own, boolean lines) {
        return lines ? own.then(new LocalLines()) : own;
    }

    private static String said(byte[] output) {
        String text = printable(new String(output, StandardCharsets.UTF_8)
                .strip()
                .lines()
                .findFirst()
                .orElse(""));
        return text.length() > SAID_MAX ? text.substring(0, SAID_MAX) : text;
    }

    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    private void told(Delivery delivery, Recipient to, String why, String output) {
        world.events().emit(Event.PROGRAM_FAILED, delivery.message().id(), to.address(), delivery.route(), why, output);
    }

    private void fail(Delivery delivery, Recipient to, int place, FailurePolicy row, String text, Outcomes outcomes) {
        world.events().emit(Event.ATTEMPT_FAILED, delivery.message().id(), to.address(), "", row.name(), text);
        outcomes.failed(place, row, row.diagnosis(text));
    }

    /** The message behind its first part. */
    private static final class Rest implements Processes.Input {
        private final Outgoing outgoing;
        private Optional<byte[]> first;

        Rest(byte[] first, Outgoing outgoing) {
            this.first = first.length > 0 ? Optional.of(first) : Optional.empty();
            this.outgoing = outgoing;
        }

        @Override
        public byte[] next() throws IOException {
            byte[] some = first.orElseGet(() -> new byte[0]);
            first = Optional.empty();
            while (some.length == 0 && !outgoing.isFinished()) {
                some = outgoing.next(); // a transform may hold a part back whole
            }
            return some;
        }
    }

    /** The program cannot be started. */
    private static final class Unstartable extends IOException {
        private static final long serialVersionUID = 1;

        Unstartable(IOException cause) {
            super(String.valueOf(cause.getMessage()), cause);
        }
    }
}
