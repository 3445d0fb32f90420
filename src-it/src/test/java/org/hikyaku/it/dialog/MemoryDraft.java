package org.hikyaku.it.dialog;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.spool.Draft;

/** A draft that lies in memory and counts itself. */
final class MemoryDraft implements Draft {
    private final SpoolId id;
    private final Instant opened;
    private final ByteArrayOutputStream octets = new ByteArrayOutputStream();
    private final boolean pressure;
    final List<Runnable> reliefs = new ArrayList<>();
    boolean aborted;

    MemoryDraft(SpoolId id, Instant opened, boolean pressure) {
        this.pressure = pressure;
        this.id = id;
        this.opened = opened;
    }

    byte[] octets() {
        return octets.toByteArray();
    }

    @Override
    public SpoolId id() {
        return id;
    }

    @Override
    public Instant opened() {
        return opened;
    }

    @Override
    public long size() {
        return octets.size();
    }

    @Override
    public boolean append(byte[] array, int offset, int length) {
        octets.write(array, offset, length);
        return !pressure;
    }

    @Override
    public void onRelief(Runnable relief) {
        reliefs.add(relief);
    }

    @Override
    public Content content() {
        byte[] all = octets();
        return new Content() {
            @Override
            public long size() {
                return all.length;
            }

            @Override
            public int read(ByteBuffer target, long position) {
                int count = Math.min(target.remaining(), all.length - (int) position);
                target.put(all, (int) position, count);
                return count;
            }
        };
    }

    @Override
    public void abort() {
        aborted = true;
    }
}
