package org.hikyaku.smtp.server;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.Verdict;
import org.hikyaku.sasl.ServerMechanism;
import org.hikyaku.sasl.ServerMechanism.Step;
import org.hikyaku.smtp.Replies;
import org.hikyaku.smtp.Reply;
import org.jspecify.annotations.Nullable;

/**
 * One run of AUTH: base64, challenges, {@code *}, and the questions of the mechanism put to policy (RFC 4954 4).
 *
 * <p><i>Failure:</i> however it ends but by 235, the session goes on unauthenticated, or is closed after too many.
 */
final class AuthDialog {
    private final SessionState session;
    private final ServerMechanism mechanism;
    /** The mechanism proves the password itself: policy is told how it ended. */
    private boolean keysAsked;

    /** Why the credentials were refused, where policy says so. */
    private String judgement = "";

    private Reply wrong = Replies.WRONG_CREDENTIALS;

    AuthDialog(SessionState session, ServerMechanism mechanism) {
        this.session = session;
        this.mechanism = mechanism;
    }

    /** {@code =} is an initial response of no octets. */
    void begin(@Nullable String initial) {
        session.dialog(this);
        if (initial == null) {
            step(mechanism.start(null));
            return;
        }
        byte[] octets = initial.equals("=") ? new byte[0] : decode(initial);
        if (octets == null) {
            broken(Replies.NOT_BASE64);
        } else {
            step(mechanism.start(octets));
        }
    }

    void line(byte[] octets, int from, int to) {
        String text = new String(octets, from, to - from, StandardCharsets.ISO_8859_1);
        if (text.equals("*")) {
            broken(Replies.AUTH_CANCELLED);
            return;
        }
        byte[] response = decode(text);
        if (response == null) {
            broken(Replies.NOT_BASE64);
        } else {
            step(mechanism.next(response));
        }
    }

    /** The client broke the dialog, not the password. */
    void broken(Reply reply) {
        session.dialog(null);
        session.refuse("AUTH", reply);
    }

    private void step(Step step) {
        switch (step) {
            case Step.Challenge challenge ->
                session.send(Replies.challenge(Base64.getEncoder().encodeToString(challenge.octets())));
            case Step.AskPassword ask -> session.ask(new Question.Login(ask.user(), ask.password()), this::checked);
            case Step.AskKeys ask -> session.ask(new Question.LoginKeys(ask.user(), ask.digest()), this::keys);
            case Step.AskToken ask -> session.ask(new Question.LoginToken(ask.user(), ask.token()), this::token);
            case Step.AskRemote ask -> session.ask(new Question.LoginRemote(ask.login(), ask.response()), this::remote);
            case Step.Success success
            when keysAsked ->
                session.ask(new Question.LoginDone(success.user(), true), verdict -> proved(success.user(), verdict));
            case Step.Success success -> succeeded(success.user());
            case Step.Failure failure when failure.malformed() -> broken(Replies.AUTH_MALFORMED);
            case Step.Failure failure
            when keysAsked ->
                session.ask(new Question.LoginDone(failure.user(), false), verdict -> disproved(failure, verdict));
            case Step.Failure failure -> failed(failure.user(), judgement.isEmpty() ? failure.why() : judgement, wrong);
        }
    }

    private void checked(Verdict verdict) {
        Reply refusal = session.refusal(verdict);
        if (session.isClosed()) {
            return;
        }
        if (refusal != null && refusal.isTransient()) {
            broken(refusal);
            return;
        }
        wrong = refusal == null ? wrong : refusal;
        step(mechanism.passwordChecked(refusal == null));
    }

    private void keys(Verdict verdict) {
        keysAsked = true;
        if (verdict instanceof Verdict.Keys found) {
            step(mechanism.keys(found.keys()));
            return;
        }
        Reply refusal = session.refusal(verdict);
        if (!session.isClosed()) {
            broken(refusal == null ? Replies.LOGIN_UNAVAILABLE : refusal);
        }
    }

    private void token(Verdict verdict) {
        if (verdict instanceof Verdict.Token judged) {
            judgement = judged.why();
            step(mechanism.token(judged.user(), judged.scope()));
        } else {
            remote(verdict);
        }
    }

    private void remote(Verdict verdict) {
        if (verdict instanceof Verdict.Remote answered) {
            step(mechanism.remote(answered.answer()));
            return;
        }
        Reply refusal = session.refusal(verdict);
        if (session.isClosed()) {
            return;
        }
        if (refusal == null || refusal.isTransient()) {
            broken(refusal == null ? Replies.LOGIN_UNAVAILABLE : refusal);
        } else {
            failed("", "wrong credentials", refusal);
        }
    }

    private void proved(String user, Verdict verdict) {
        Reply refusal = session.refusal(verdict);
        if (session.isClosed()) {
            return;
        }
        if (refusal == null) {
            succeeded(user);
        } else {
            broken(refusal);
        }
    }

    private void disproved(Step.Failure failure, Verdict verdict) {
        Reply refusal = session.refusal(verdict);
        if (!session.isClosed()) {
            failed(failure.user(), failure.why(), refusal == null ? wrong : refusal);
        }
    }

    private void succeeded(String user) {
        session.dialog(null);
        session.client().authenticated(user);
        session.tell(new Note.AuthSucceeded(user, mechanism.name()));
        session.send(Replies.AUTHENTICATED);
    }

    private void failed(String user, String why, Reply reply) {
        session.dialog(null);
        session.tell(new Note.AuthFailed(user, mechanism.name(), why));
        if (session.counts().isLoginFailureTooMany()) {
            session.end(Replies.TOO_MANY_LOGIN_FAILURES, "too many failed logins");
        } else {
            session.fault(reply);
        }
    }

    /** RFC 4954 4: nothing but the alphabet, padding only at the end. */
    private static byte @Nullable [] decode(String text) {
        try {
            return text.length() % 4 == 0 ? Base64.getDecoder().decode(text) : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
