package org.hikyaku.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.hikyaku.world.Event;
import org.hikyaku.world.Loop;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;
import org.jspecify.annotations.Nullable;

/**
 * The checks in their order. The first verdict that is no Pass and no Hold decides; headers of all Passes are gathered; a
 * Hold counts if nothing refuses after it.
 *
 * <p>Answers on the caller's loop as long as no concerned check {@code waits()}; from the first that does, the rest is
 * asked on a task, at most {@code inFlightMax} at once, and the verdict is posted back to the loop.
 *
 * <p><i>Failure:</i> beyond that number the answer is 451 4.3.2 (454 4.7.0 to a login). An exception out of a check is a
 * bug: an event CHECK_FAILED and 451 4.3.0.
 */
public final class PolicyChain {
    private static final String TASK = "policy";

    private final List<Check> checks;
    private final World world;
    private final Tasks.Permits permits;
    private final Refusals refusals;

    /** Hears of what was refused; from any task or loop, and must not wait. */
    public interface Refusals {
        void refused(Question question, SessionFacts facts);
    }

    public PolicyChain(List<Check> checks, World world, int inFlightMax) {
        this(checks, world, inFlightMax, (question, facts) -> {});
    }

    public PolicyChain(List<Check> checks, World world, int inFlightMax, Refusals refusals) {
        this.refusals = refusals;
        this.checks = List.copyOf(checks);
        this.world = world;
        this.permits = world.tasks().permits(inFlightMax);
    }

    /** The verdict if it is there at once; else null, and {@code later} is told on {@code loop}, once. */
    public @Nullable Verdict ask(Question question, SessionFacts facts, Loop loop, Consumer<Verdict> later) {
        Tally tally = new Tally();
        for (int i = 0; i < checks.size(); i++) {
            Check check = checks.get(i);
            if (!check.concerns(question, facts)) {
                continue;
            }
            if (check.waits()) {
                return onTask(i, question, facts, tally, loop, later);
            }
            Verdict end = tally.count(answer(check, question, facts));
            if (end != null) {
                return end;
            }
        }
        return tally.verdict();
    }

    private @Nullable Verdict onTask(
            int from, Question question, SessionFacts facts, Tally tally, Loop loop, Consumer<Verdict> later) {
        if (!permits.tryAcquire()) {
            return new Verdict.Reject(isLogin(question) ? Replies.LOGIN_UNAVAILABLE : Replies.BUSY);
        }
        world.tasks().start(TASK, () -> {
            try {
                Verdict verdict = rest(from, question, facts, tally);
                loop.execute(() -> later.accept(verdict));
            } finally {
                permits.release();
            }
        });
        return null;
    }

    private Verdict rest(int from, Question question, SessionFacts facts, Tally tally) {
        for (Check check : checks.subList(from, checks.size())) {
            Verdict end = check.concerns(question, facts) ? tally.count(answer(check, question, facts)) : null;
            if (end != null) {
                return end;
            }
        }
        return tally.verdict();
    }

    private Verdict answer(Check check, Question question, SessionFacts facts) {
        try {
            Verdict verdict = check.answer(question, facts);
            if (verdict instanceof Verdict.Reject(Reply reply) && reply.isPermanent()) {
                refusals.refused(question, facts);
            }
            return verdict;
        } catch (Tasks.TaskCancelled e) {
            throw e;
        } catch (RuntimeException e) {
            world.events()
                    .emit(Event.CHECK_FAILED, facts.session(), check.getClass().getSimpleName(), e);
            return new Verdict.Reject(Replies.CHECK_BROKEN);
        }
    }

    private static boolean isLogin(Question question) {
        return question instanceof Question.Login
                || question instanceof Question.LoginKeys
                || question instanceof Question.LoginDone
                || question instanceof Question.LoginRemote
                || question instanceof Question.LoginToken;
    }

    /** What the checks said so far. */
    private static final class Tally {
        private final List<String> headers = new ArrayList<>(0);
        private Verdict.@Nullable Hold hold;

        /** The verdict if it ends the matter, else null. */
        @Nullable
        Verdict count(Verdict verdict) {
            return switch (verdict) {
                case Verdict.Pass pass -> {
                    headers.addAll(pass.headers());
                    yield null;
                }
                case Verdict.Hold held -> {
                    hold = hold == null ? held : hold;
                    yield null;
                }
                case Verdict.Reject end -> end;
                case Verdict.Close end -> end;
                case Verdict.Discard end -> end;
                case Verdict.Keys end -> end;
                case Verdict.Found end -> end;
                case Verdict.Remote end -> end;
                case Verdict.Token end -> end;
            };
        }

        Verdict verdict() {
            return hold != null ? hold : headers.isEmpty() ? Verdict.PASS : new Verdict.Pass(headers);
        }
    }
}
