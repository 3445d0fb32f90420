package org.hikyaku.check;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.hikyaku.config.AuthSettings;
import org.hikyaku.mail.IpLiteral;
import org.hikyaku.policy.Check;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.sasl.PasswordHash;
import org.hikyaku.sasl.RemoteLogin;
import org.hikyaku.sasl.ScramDigest;
import org.hikyaku.sasl.ScramKeys;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.hikyaku.table.Users;
import org.hikyaku.world.Event;
import org.hikyaku.world.Tasks;
import org.hikyaku.world.World;

/**
 * Who may log in. Passwords are hashed on a bounded number of threads; a user who does not exist looks like one who does.
 *
 * <p>Failures are counted by address (IPv6 by /64) and by user. Each failure is answered later than the one before, 1, 2,
 * 4... seconds up to {@code failure_delay_max}; beyond the limits logins are answered 421 without being looked at, until
 * there was no failure for {@code failure_memory}; those that were being looked at meanwhile, too. An address from which a user has logged in rightly is not kept out by
 * what others do to his name. Networks in {@code limits.exempt_networks} have no limit by address.
 *
 * <p>The names asked are those of the users file ({@link LoginMechanisms} sees to that). A success or a wrong password is
 * told to the log by the session; here only AUTH_THROTTLED.
 *
 * <p><i>Failure:</i> too many logins at once, or a hash that cannot be checked: 454 4.7.0 (RFC 4954 4).
 */
public final class LoginCheck implements Check {
    private static final int KEYS_MAX = 50_000;
    /** How many answers may be held back at once; beyond that a failure is answered by closing. */
    private static final int DELAYED_MAX = 100;

    private final World world;
    private final Supplier<Users> users;
    private final Predicate<String> closed;
    private final HashWorkers workers;
    private final Decoys decoys;
    private final TokenJudge tokens;
    private final Tasks.Permits delayed;
    private final FailureMemory byAddress = new FailureMemory(KEYS_MAX);
    private final FailureMemory byUser = new FailureMemory(KEYS_MAX);
    /** Pairs of user and address that have been right; "failures" here are successes. */
    private final FailureMemory right = new FailureMemory(KEYS_MAX);

    /**
     * Starts the threads.
     *
     * @param auth {@code hash_threads} and {@code hash_queue_max} are taken from here; all else from the session's snapshot
     * @param secret see {@link DecoySecret}
     */
    public LoginCheck(World world, Supplier<Users> users, AuthSettings auth, byte[] secret) {
        this(world, users, user -> false, auth, secret);
    }

    /** @param closed whether the account of a user is closed: he may not log in, and hears so, when he has proved who he is */
    public LoginCheck(World world, Supplier<Users> users, Predicate<String> closed, AuthSettings auth, byte[] secret) {
        this.world = world;
        this.users = users;
        this.closed = closed;
        this.workers = new HashWorkers(world, auth.hashThreads(), auth.hashQueueMax());
        this.decoys = new Decoys(secret);
        this.tokens = new TokenJudge(world);
        this.delayed = world.tasks().permits(DELAYED_MAX);
    }

    /** Ends the threads. */
    public void close() {
        workers.close();
    }

    @Override
    public boolean concerns(Question question) {
        return question instanceof Question.Login
                || question instanceof Question.LoginKeys
                || question instanceof Question.LoginDone
                || question instanceof Question.LoginRemote
                || question instanceof Question.LoginToken;
    }

    @Override
    public boolean waits() {
        return true;
    }

    @Override
    public Verdict answer(Question question, SessionFacts facts) {
        return switch (question) {
            case Question.Login login -> {
                Attempt attempt = new Attempt(facts, login.user());
                yield attempt.isBlocked() ? attempt.close() : password(login, attempt);
            }
            case Question.LoginKeys asked -> {
                Attempt attempt = new Attempt(facts, asked.user());
                yield attempt.isBlocked() ? attempt.close() : new Verdict.Keys(keys(asked.user(), asked.digest()));
            }
            case Question.LoginDone done -> {
                Attempt attempt = new Attempt(facts, done.user());
                yield attempt.judged(done.right());
            }
            case Question.LoginRemote asked -> remote(asked, facts);
            case Question.LoginToken asked -> token(asked, facts);
            default -> Verdict.PASS;
        };
    }

    /** The client may name the user; the token decides who it is. A token that does not hold is explained (RFC 7628 3.2.2). */
    private Verdict token(Question.LoginToken asked, SessionFacts facts) {
        Attempt unnamed = new Attempt(facts, "");
        if (unnamed.isBlocked()) {
            return unnamed.close();
        }
        AuthSettings.OAuth by = facts.config().auth().oauth();
        return switch (tokens.judge(asked.token(), by)) {
            case TokenJudge.Found.Holds holds -> {
                String user = listed(holds.user(), facts);
                boolean his =
                        asked.user().isEmpty() || listed(asked.user(), facts).equals(user);
                String why = his ? "the token is of " + user + ", who is no user here" : "the token is of " + user;
                yield held(new Attempt(facts, user), his && users.get().has(user), user, why, by);
            }
            case TokenJudge.Found.Not not -> held(unnamed, false, "", not.why(), by);
            case TokenJudge.Found.Unknown unknown -> {
                world.events().emit(Event.AUTH_SERVER_LOST, by.judge(), unknown.why());
                yield new Verdict.Reject(Replies.LOGIN_UNAVAILABLE);
            }
        };
    }

    private String listed(String name, SessionFacts facts) {
        return users.get()
                .login(name, facts.config().local().domains())
                .map(Users.User::name)
                .orElse(key(name));
    }

    private static Verdict held(Attempt attempt, boolean right, String user, String why, AuthSettings.OAuth by) {
        return switch (attempt.judged(right)) {
            case Verdict.Pass pass -> new Verdict.Token(Optional.of(user), "", "");
            case Verdict.Reject(Reply reply)
            when reply.equals(Replies.WRONG_CREDENTIALS) ->
                new Verdict.Token(Optional.empty(), String.join(" ", by.scopes()), why);
            case Verdict other -> other;
        };
    }

    /** Whose login it is, is known when the other server has judged it: before that only the address counts. */
    private Verdict remote(Question.LoginRemote asked, SessionFacts facts) {
        Attempt unnamed = new Attempt(facts, "");
        if (unnamed.isBlocked()) {
            return unnamed.close();
        }
        return switch (asked.login().say(asked.response(), facts.remote())) {
            case RemoteLogin.Answer.Challenge challenge -> new Verdict.Remote(challenge);
            case RemoteLogin.Answer.Yes yes -> {
                Verdict verdict = new Attempt(facts, listed(yes.user(), facts)).judged(true);
                yield verdict instanceof Verdict.Pass ? new Verdict.Remote(yes) : verdict;
            }
            case RemoteLogin.Answer.No no when no.temporary() -> new Verdict.Reject(Replies.LOGIN_UNAVAILABLE);
            case RemoteLogin.Answer.No no -> {
                Verdict verdict = new Attempt(facts, listed(no.user(), facts)).judged(false);
                boolean wrong =
                        verdict instanceof Verdict.Reject(Reply reply) && reply.equals(Replies.WRONG_CREDENTIALS);
                yield wrong ? new Verdict.Remote(no) : verdict;
            }
        };
    }

    private static String key(String user) {
        return user.toLowerCase(Locale.ROOT);
    }

    private ScramKeys keys(String name, ScramDigest digest) {
        Users all = users.get();
        return all.find(name).flatMap(user -> user.keys(digest)).orElseGet(() -> decoys.keys(all, name, digest));
    }

    private Verdict password(Question.Login login, Attempt attempt) {
        Users all = users.get();
        Optional<Users.User> user = all.find(login.user());
        PasswordHash hash = user.map(Users.User::password).orElseGet(() -> decoys.hash(all, login.user()));
        Optional<Boolean> fits = workers.fits(hash, login.password());
        if (fits.isEmpty()) {
            return new Verdict.Reject(Replies.LOGIN_UNAVAILABLE);
        }
        return attempt.judged(fits.get() && user.isPresent());
    }

    /** One login and the limits it is under. */
    private final class Attempt {
        private final SessionFacts facts;
        private final AuthSettings auth;
        private final String user;
        private final String address;
        private final long now;

        Attempt(SessionFacts facts, String user) {
            this.facts = facts;
            this.auth = facts.config().auth();
            this.user = user;
            this.address = network(facts.remote());
            this.now = world.clock().nanos();
        }

        boolean isBlocked() {
            return isAddressBlocked() || isUserBlocked();
        }

        private boolean isAddressBlocked() {
            return !isExempt() && byAddress.count(address, now, auth.failureMemory()) >= auth.failuresPerAddressMax();
        }

        private boolean isUserBlocked() {
            return !user.isEmpty()
                    && byUser.count(user, now, auth.failureMemory()) >= auth.failuresPerUserMax()
                    && right.count(pair(), now, Duration.ofDays(30)) == 0;
        }

        private boolean isExempt() {
            return facts.config().limits().exemptNetworks().stream().anyMatch(net -> net.contains(facts.remote()));
        }

        private String pair() {
            return user + " " + address;
        }

        Verdict close() {
            world.events()
                    .emit(
                            Event.AUTH_THROTTLED,
                            facts.session(),
                            IpLiteral.number(facts.remote()),
                            user,
                            auth.failureMemory().toSeconds());
            return new Verdict.Close(Replies.TOO_MANY_LOGIN_FAILURES);
        }

        /**
         * Tells whether it was right, unless the limits were reached while it was on its way: so many exchanges begun at once
         * are no more tries than the limits allow.
         */
        Verdict judged(boolean right) {
            if (isBlocked()) {
                return close();
            }
            return right ? succeeded() : failed();
        }

        private Verdict succeeded() {
            byUser.forget(user);
            right.add(pair(), now, Duration.ofDays(30));
            return closed.test(user) ? new Verdict.Reject(Replies.ACCOUNT_DISABLED) : Verdict.PASS;
        }

        private Verdict failed() {
            int failures = Math.max(
                    isExempt() ? 0 : byAddress.add(address, now, auth.failureMemory()),
                    user.isEmpty() ? 1 : byUser.add(user, now, auth.failureMemory()));
            Duration wait = Duration.ofSeconds(1L << Math.min(failures - 1, 20));
            if (wait.compareTo(auth.failureDelayMax()) > 0) {
                wait = auth.failureDelayMax();
            }
            if (!delayed.tryAcquire()) {
                return close();
            }
            try {
                world.tasks().sleep(wait);
            } finally {
                delayed.release();
            }
            return new Verdict.Reject(Replies.WRONG_CREDENTIALS);
        }
    }

    /** What one attacker can choose from at no cost: an IPv4 address, or the /64 of an IPv6 one. */
    private static String network(InetAddress address) {
        return address instanceof Inet4Address
                ? IpLiteral.number(address)
                : IpLiteral.number(IpLiteral.ofBytes(Arrays.copyOf(Arrays.copyOf(address.getAddress(), 8), 16)));
    }
}
