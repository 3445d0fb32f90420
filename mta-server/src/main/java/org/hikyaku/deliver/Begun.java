package org.hikyaku.deliver;

/**
 * A transaction for all recipients of a delivery that was done on the loop and did not go as wished: a task goes on with it.
 *
 * @param step how it ended: {@link Step.Done} or {@link Step.Unusable}
 * @param notBegun takes back that it was counted where it left from
 */
record Begun(ConversationRunner runner, Step step, Runnable notBegun) {}
