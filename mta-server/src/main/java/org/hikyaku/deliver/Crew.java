package org.hikyaku.deliver;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hikyaku.world.Tasks;

/**
 * The tasks that deliver, as one: they come and go, and are cancelled together. Safe from any task or loop.
 *
 * <p><i>Failure:</i> none of its own; a body that breaks ends its own task.
 */
final class Crew implements Tasks.Task {
    private final Tasks tasks;
    // guarded by this; no call of the World is made while it is held
    private final Map<Member, Tasks.Task> running = new LinkedHashMap<>();
    private boolean cancelled;

    /** Told apart by itself. */
    private static final class Member {
        boolean ended;
    }

    Crew(Tasks tasks) {
        this.tasks = tasks;
    }

    void start(String name, Runnable body) {
        Member member = new Member();
        Tasks.Task task = tasks.start(name, () -> {
            try {
                body.run();
            } finally {
                ended(member);
            }
        });
        if (isTooLate(member, task)) {
            task.cancel();
        }
    }

    private synchronized boolean isTooLate(Member member, Tasks.Task task) {
        if (!member.ended) {
            running.put(member, task);
        }
        return cancelled;
    }

    private synchronized void ended(Member member) {
        member.ended = true;
        running.remove(member);
    }

    /** Those that start from now on, too. */
    @Override
    public void cancel() {
        synchronized (this) {
            cancelled = true;
        }
        present().forEach(Tasks.Task::cancel);
    }

    /** @param limit for each */
    @Override
    public boolean join(Duration limit) {
        return present().stream().allMatch(task -> task.join(limit));
    }

    private synchronized List<Tasks.Task> present() {
        return List.copyOf(running.values());
    }
}
