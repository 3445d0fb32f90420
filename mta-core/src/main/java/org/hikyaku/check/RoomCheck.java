package org.hikyaku.check;

import java.util.function.LongPredicate;
import org.hikyaku.policy.Check;
import org.hikyaku.policy.Question;
import org.hikyaku.policy.SessionFacts;
import org.hikyaku.policy.Verdict;
import org.hikyaku.smtp.Replies;

/** No message is begun for which the store has no room: 452 4.3.1 at MAIL (RFC 1870 6.1), the sender tries again later. */
public final class RoomCheck implements Check {
    private final LongPredicate hasRoom;

    /** @param hasRoom whether a message of so many octets may be begun; 0 when its size is not known; never waits */
    public RoomCheck(LongPredicate hasRoom) {
        this.hasRoom = hasRoom;
    }

    @Override
    public boolean concerns(Question question) {
        return question instanceof Question.Sender;
    }

    @Override
    public boolean waits() {
        return false;
    }

    @Override
    public Verdict answer(Question question, SessionFacts facts) {
        return question instanceof Question.Sender asked && !hasRoom.test(asked.size())
                ? new Verdict.Reject(Replies.DISK_FULL)
                : Verdict.PASS;
    }
}
