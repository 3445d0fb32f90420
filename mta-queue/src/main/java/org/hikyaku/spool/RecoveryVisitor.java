package org.hikyaku.spool;

/** Is told at opening of each message that is not finished, one at a time, so that it can be scheduled. */
public interface RecoveryVisitor {
    /**
     * One unfinished message, its body not yet read.
     *
     * @param message {@code held} also says so when the body is known to be lost; such a message can only be removed
     */
    void message(StoredMessage message);
}
