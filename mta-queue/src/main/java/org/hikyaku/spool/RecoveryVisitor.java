package org.hikyaku.spool;

/**
 * Is told after opening of each unfinished message of former runs, one at a time, so that it can be scheduled. Called by the
 * committer between two batches: it must not block. It shows what was stored before; what is stored later is told later.
 */
public interface RecoveryVisitor {
    /**
     * One unfinished message, its body not yet read.
     *
     * @param message {@code held} also says so when the body is known to be lost; such a message can only be removed
     */
    void message(StoredMessage message);
}
