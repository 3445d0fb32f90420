package org.hikyaku.operate;

import java.util.List;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.queue.QueueAdmin;

/** Hears how a command goes on, on its task. What it throws stops the command between two messages or chunks. */
public interface Watcher {
    /** A message that matches; {@code places} are the recipients that do. */
    void match(QueueAdmin.Row row, List<Integer> places);

    /** A message that was to be changed, and was not. */
    void left(SpoolId id, String why);

    /** Called often. */
    void progress(long looked, long done);
}
