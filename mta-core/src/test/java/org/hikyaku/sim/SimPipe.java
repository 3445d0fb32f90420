package org.hikyaku.sim;

import java.util.ArrayDeque;

/** One direction of a connection: what the writer's kernel has taken and the reader has not yet got. */
final class SimPipe {
    private static final int WINDOW = 64 * 1024;

    private final SimWire writer;
    private final SimWire reader;
    private final SimRandom random;
    private final SimLuck luck;
    private final int window;
    private final ArrayDeque<SimSegment> segments = new ArrayDeque<>();
    private long octets;
    private boolean onItsWay;

    SimPipe(SimWire writer, SimWire reader, SimRandom random, SimLuck luck) {
        this.writer = writer;
        this.reader = reader;
        this.random = random;
        this.luck = luck;
        this.window = luck.strikes(SimFault.NARROW_WINDOW) ? 500 + random.below(4000) : WINDOW;
    }

    boolean hasRoom() {
        return octets < window;
    }

    int room() {
        return (int) Math.max(0, window - octets);
    }

    void add(SimSegment segment) {
        segments.add(segment);
        octets += segment instanceof SimSegment.Octets some ? some.length() : 0;
        move();
    }

    void clear() {
        segments.clear();
        octets = 0;
    }

    /** Drops the octets in front of anything of TLS; how many. */
    long dropClear() {
        long dropped = 0;
        while (segments.peek() instanceof SimSegment.Octets some) {
            segments.remove();
            dropped += some.length();
        }
        octets -= dropped;
        return dropped;
    }

    /** Has the next segment travel, if there is one and the reader reads. */
    void move() {
        if (onItsWay || segments.isEmpty() || !reader.reads()) {
            return;
        }
        onItsWay = true;
        SimScheduler scheduler = reader.process().scheduler();
        scheduler.at(reader.process(), scheduler.now() + reader.latency(), () -> reader.post(this::arrive));
    }

    /** On the reader's loop. */
    private void arrive() {
        onItsWay = false;
        if (!reader.hears() || (!reader.reads() && random.chance(0.7))) {
            return; // paused: at most this one more call may come
        }
        if (luck.strikes(SimFault.RESET)) {
            writer.reset();
            reader.reset();
            return;
        }
        SimSegment segment = segments.poll();
        if (segment instanceof SimSegment.Octets some) {
            int length = cut(some.length());
            if (length < some.length()) {
                segments.addFirst(new SimSegment.Octets(some.bytes(), some.from() + length));
            }
            octets -= length;
            writer.taken();
            move();
            reader.receive(some.bytes(), some.from(), length);
        } else if (segment != null) {
            move();
            reader.receive(segment);
        }
    }

    private int cut(int length) {
        if (length > 1 && luck.strikes(SimFault.SEGMENT_CUT)) {
            return 1 + random.below(length - 1);
        }
        return length;
    }
}
