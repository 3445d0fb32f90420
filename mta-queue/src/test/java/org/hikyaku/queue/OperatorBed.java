package org.hikyaku.queue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.operate.Choice;
import org.hikyaku.operate.Operations;
import org.hikyaku.operate.Query;
import org.hikyaku.operate.Result;
import org.hikyaku.operate.Verb;
import org.hikyaku.operate.Watcher;
import org.hikyaku.sim.SimWorld;
import org.hikyaku.spool.Spool;
import org.hikyaku.spool.StoredMessage;
import org.hikyaku.world.World;

/** A queue with an operator at it. */
final class OperatorBed {
    final QueueBed bed;
    final Operations operations;
    final List<String> left = new ArrayList<>();
    private final List<StoredMessage> found = new ArrayList<>();

    /** What a test does with it. */
    interface Story {
        void tell(OperatorBed op, QueueBed bed) throws Exception;
    }

    /** Tells a story over what is in the store; false when the process was ended within it. */
    static boolean tell(SimWorld sim, MemorySpool.Store store, Story story) {
        return sim.run(world -> {
            OperatorBed op = new OperatorBed(world, store);
            story.tell(op, op.bed);
        });
    }

    /** Over a store in memory, with what is in it. */
    OperatorBed(World world, MemorySpool.Store store) throws IOException {
        this(world, new MemorySpool(world, store), List.copyOf(store.messages.values()));
    }

    OperatorBed(World world, Spool spool, List<StoredMessage> recovered) throws IOException {
        this.bed = new QueueBed(
                world,
                spool,
                QueueBed.directory(world, QueueBed.CONFIG.local()),
                queue -> recovered.forEach(queue::message));
        this.operations = Operations.open(world, bed.queue.admin(), () -> QueueBed.CONFIG, Path.of("/data/operations"));
        recovered.forEach(operations::recovered);
        bed.gate = operations.gate();
    }

    /** The senders' local parts of the messages that match; a star for those being delivered. */
    List<String> list(String query) {
        List<String> senders = new ArrayList<>();
        found.clear();
        operations.list(by(query), watcher(row -> {
            found.add(row.message());
            senders.add(row.message().envelope().sender().local() + (row.delivering() ? "*" : ""));
        }));
        return senders;
    }

    StoredMessage only(String query) {
        list(query);
        if (found.size() != 1) {
            throw new AssertionError(found.size() + " messages match " + query);
        }
        return found.getFirst();
    }

    Result run(Verb verb, String query) throws IOException {
        return run(verb, by(query), false);
    }

    Result run(Verb verb, SpoolId... ids) throws IOException {
        return run(verb, new Choice.Ids(List.of(ids)), false);
    }

    Result dry(Verb verb, String query) throws IOException {
        return run(verb, by(query), true);
    }

    private Result run(Verb verb, Choice choice, boolean dry) throws IOException {
        left.clear();
        return operations.run(verb, choice, "ops", "as typed", dry, watcher(row -> {}));
    }

    static Choice by(String query) {
        return switch (Query.parse(query)) {
            case Query.Parsed.Good(Query good) -> new Choice.By(good);
            case Query.Parsed.Wrong wrong -> throw new AssertionError(wrong.shown(query));
        };
    }

    interface Sink {
        void row(QueueAdmin.Row row);
    }

    Watcher watcher(Sink sink) {
        return new Watcher() {
            @Override
            public void match(QueueAdmin.Row row, List<Integer> places) {
                sink.row(row);
            }

            @Override
            public void left(SpoolId id, String why) {
                left.add(why);
            }

            @Override
            public void progress(long looked, long done) {}
        };
    }
}
