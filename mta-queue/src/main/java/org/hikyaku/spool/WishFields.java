package org.hikyaku.spool;

import java.time.Instant;
import org.hikyaku.mail.Notify;
import org.hikyaku.mail.Wishes;

/**
 * What extensions say of a message and of a recipient, as fields of <i>meta</i> (docs/spool.md): a sum of flags, then what they
 * announce. Never changed, only added to; nothing is written where nothing was asked.
 *
 * <p><i>Failure:</i> {@link Damaged} for a flag that is not known: what is not understood must not be passed over, for it
 * may forbid a delivery.
 */
final class WishFields {
    private static final int BINARY = 1;
    private static final int TLS_REQUIRED = 1 << 1;
    private static final int TLS_OPTIONAL = 1 << 2;
    private static final int RET_FULL = 1 << 3;
    private static final int RET_HEADERS = 1 << 4;
    private static final int RANKED = 1 << 5;
    private static final int VERP = 1 << 6;
    private static final int ENVELOPE_ID = 1 << 7;
    private static final int SUBMITTER = 1 << 8;
    private static final int DEADLINE = 1 << 9;
    private static final int RELEASE = 1 << 10;
    private static final int SOLICITATION = 1 << 11;
    private static final int KNOWN = (1 << 12) - 1;

    private static final int RETURNS = 1;
    private static final int TRACE = 2;

    private WishFields() {}

    static void write(FieldWriter out, Wishes wishes) {
        out.varint(flags(wishes));
        if (!wishes.envelopeId().isEmpty()) {
            out.text(wishes.envelopeId());
        }
        if (!wishes.submitter().isEmpty()) {
            out.text(wishes.submitter());
        }
        wishes.deadline().ifPresent(deadline -> {
            out.time(deadline.at());
            out.u8((deadline.returns() ? RETURNS : 0) | (deadline.trace() ? TRACE : 0));
        });
        wishes.release().ifPresent(release -> {
            out.time(release.at());
            out.text(release.said());
        });
        if (!wishes.solicitation().isEmpty()) {
            out.text(wishes.solicitation());
        }
        if (!wishes.verp().isEmpty()) {
            out.text(wishes.verp());
        }
    }

    private static int flags(Wishes wishes) {
        int tls = switch (wishes.tls()) {
            case USUAL -> 0;
            case REQUIRED -> TLS_REQUIRED;
            case OPTIONAL -> TLS_OPTIONAL;
        };
        int ret = switch (wishes.ret()) {
            case UNSAID -> 0;
            case FULL -> RET_FULL;
            case HEADERS -> RET_HEADERS;
        };
        return tls
                | ret
                | (wishes.binary() ? BINARY : 0)
                | (wishes.ranked() ? RANKED : 0)
                | (wishes.verp().isEmpty() ? 0 : VERP)
                | (wishes.envelopeId().isEmpty() ? 0 : ENVELOPE_ID)
                | (wishes.submitter().isEmpty() ? 0 : SUBMITTER)
                | (wishes.deadline().isPresent() ? DEADLINE : 0)
                | (wishes.release().isPresent() ? RELEASE : 0)
                | (wishes.solicitation().isEmpty() ? 0 : SOLICITATION);
    }

    static Wishes read(FieldReader in) throws Damaged {
        int flags = in.varint();
        if ((flags & ~KNOWN) != 0) {
            throw new Damaged("a wish of no known kind: " + flags);
        }
        Wishes wishes = Wishes.NONE.withBinary(has(flags, BINARY)).withRanked(has(flags, RANKED));
        if (has(flags, TLS_REQUIRED | TLS_OPTIONAL)) {
            wishes = wishes.with(has(flags, TLS_REQUIRED) ? Wishes.Tls.REQUIRED : Wishes.Tls.OPTIONAL);
        }
        if (has(flags, RET_FULL | RET_HEADERS)) {
            wishes = wishes.with(has(flags, RET_FULL) ? Wishes.Ret.FULL : Wishes.Ret.HEADERS);
        }
        wishes = has(flags, ENVELOPE_ID) ? wishes.withEnvelopeId(in.text()) : wishes;
        wishes = has(flags, SUBMITTER) ? wishes.withSubmitter(in.text()) : wishes;
        wishes = has(flags, DEADLINE) ? wishes.with(deadline(in)) : wishes;
        wishes = has(flags, RELEASE) ? wishes.with(new Wishes.Release(in.time(), in.text())) : wishes;
        wishes = has(flags, SOLICITATION) ? wishes.withSolicitation(in.text()) : wishes;
        return has(flags, VERP) ? wishes.withVerp(in.text()) : wishes;
    }

    private static Wishes.Deadline deadline(FieldReader in) {
        Instant at = in.time();
        int mode = in.u8();
        return new Wishes.Deadline(at, has(mode, RETURNS), has(mode, TRACE));
    }

    static void write(FieldWriter out, Notify notify) {
        out.u8(notify.when());
        out.text(notify.original());
    }

    static Notify notify(FieldReader in) throws Damaged {
        return new Notify(in.u8(), in.text());
    }

    private static boolean has(int flags, int some) {
        return (flags & some) != 0;
    }
}
