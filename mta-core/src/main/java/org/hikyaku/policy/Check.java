package org.hikyaku.policy;

/**
 * One rule of policy, a file each. Answers PASS to what it has no opinion on.
 *
 * <p><i>Failure:</i> a check that cannot know answers Reject with a 4xx reply; an exception out of it is a bug and
 * becomes 451 4.3.0.
 */
public interface Check {
    /** Whether it cares for this kind of question. */
    boolean concerns(Question question);

    /** Whether it cares for this one. What waits should say no where it can, so that no task is begun for nothing. */
    default boolean concerns(Question question, SessionFacts facts) {
        return concerns(question);
    }

    /** Whether answering may wait (disk, DNS, hashing): then it is asked on a task, never on a loop. */
    boolean waits();

    Verdict answer(Question question, SessionFacts facts);
}
