package org.hikyaku.town;

import java.time.Duration;
import java.util.Collection;
import org.hikyaku.world.Tasks;
import org.jspecify.annotations.Nullable;

/** Tasks whose mailboxes drop one letter in ten: the planted lost wake-up. */
final class ForgetfulTasks implements Tasks {
    private final Tasks inner;

    ForgetfulTasks(Tasks inner) {
        this.inner = inner;
    }

    @Override
    public Task start(String name, Runnable body) {
        return inner.start(name, body);
    }

    @Override
    public Task startDedicated(String name, Runnable body) {
        return inner.startDedicated(name, body);
    }

    @Override
    public void sleep(Duration time) {
        inner.sleep(time);
    }

    @Override
    public <T> Promise<T> promise() {
        return inner.promise();
    }

    @Override
    public <T> Mailbox<T> mailbox(int capacity) {
        return new ForgetfulMailbox<>(inner.mailbox(capacity));
    }

    @Override
    public Permits permits(int count) {
        return inner.permits(count);
    }

    private static final class ForgetfulMailbox<T> implements Mailbox<T> {
        private static final int ONE_IN = 10;

        private final Mailbox<T> inner;
        private int letters;

        ForgetfulMailbox(Mailbox<T> inner) {
            this.inner = inner;
        }

        @Override
        public boolean offer(T letter) {
            return ++letters % ONE_IN == 0 || inner.offer(letter);
        }

        @Override
        public boolean put(T letter) {
            return ++letters % ONE_IN == 0 || inner.put(letter);
        }

        @Override
        public @Nullable T take() {
            return inner.take();
        }

        @Override
        public @Nullable T poll(Duration limit) {
            return inner.poll(limit);
        }

        @Override
        public int drainTo(Collection<? super T> target, int most) {
            return inner.drainTo(target, most);
        }

        @Override
        public int size() {
            return inner.size();
        }

        @Override
        public void close() {
            inner.close();
        }
    }
}
