package org.hikyaku.policy;

import org.hikyaku.mail.Address;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.Envelope;
import org.hikyaku.mail.HeaderFacts;
import org.hikyaku.mail.Wishes;
import org.hikyaku.sasl.RemoteLogin;
import org.hikyaku.sasl.ScramDigest;
import org.jspecify.annotations.Nullable;

/** What a session asks of policy. */
public sealed interface Question {
    /** May this client talk to us at all? */
    record Connect() implements Question {}

    /** The name it gave at HELO or EHLO. */
    record Helo(String name) implements Question {}

    /** Is this the user's password? */
    record Login(String user, byte[] password) implements Question {
        @Override
        public String toString() {
            return "Login[" + user + "]";
        }
    }

    /** The SCRAM keys of a user, of one kind. */
    record LoginKeys(String user, ScramDigest digest) implements Question {}

    /** A SCRAM exchange ended: told to count failures, answered Pass or Reject (throttled). */
    record LoginDone(String user, boolean right) implements Question {}

    /** VRFY: is this somebody here? EXPN, with {@code expand}: whom does it stand for? The text is as it was written. */
    record Verify(String text, boolean expand) implements Question {}
    /** What a client said to a mechanism that another server judges; answered Remote, Reject or Close. */
    record LoginRemote(RemoteLogin login, byte @Nullable [] response) implements Question {
        @Override
        public String toString() {
            return "LoginRemote";
        }
    }

    /** Whether a bearer token holds for {@code user}, who may be empty; answered Token, Reject or Close. */
    record LoginToken(String user, String token) implements Question {
        @Override
        public String toString() {
            return "LoginToken[" + user + "]";
        }
    }

    /** MAIL FROM; {@code size} declared octets or 0; what its other parameters ask for. */
    record Sender(Address sender, long size, Wishes wishes) implements Question {
        /** Without wishes. */
        public Sender(Address sender, long size) {
            this(sender, size, Wishes.NONE);
        }
    }

    /** RCPT TO; {@code size} octets were declared at MAIL, or 0. */
    record Recipient(Address sender, Address recipient, long size) implements Question {
        /** Of a message of any size. */
        public Recipient(Address sender, Address recipient) {
            this(sender, recipient, 0);
        }
    }

    /** The whole message, before it is stored; {@code headers} is what was seen of its header while it came. */
    record Message(Envelope envelope, HeaderFacts headers, Content content) implements Question {}
}
