package org.hikyaku.spool;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.hikyaku.mail.Content;
import org.hikyaku.mail.SpoolId;
import org.hikyaku.world.Loop;
import org.jspecify.annotations.Nullable;

/**
 * The durable store of messages. All durable state of the queue passes through here, as {@link Change}s: self-contained,
 * ordered, each lasting as a whole or not at all.
 *
 * <p>Safe from any task or loop. {@link #draft}, {@link #commit}, {@link #content}, {@link #hasRoom} and {@link #isStoring} never block; {@link #read} does.
 */
public interface Spool {
    /** Begins a message; it exists only in memory (or in a file nobody refers to) until it is committed. */
    Draft draft();

    /**
     * Makes {@code change} last. Changes are stored in the order of their commits; only one whose draft has a file of its
     * own waits for that file, and lets changes of other messages pass. One force serves all changes that wait for it.
     *
     * @param loop where {@code done} is told, or null for the committer's own thread (then it must not block)
     */
    void commit(Change change, @Nullable Loop loop, Done done);

    /** The message as it is now; empty when it is finished or was never there. */
    Optional<StoredMessage> read(SpoolId id) throws IOException;

    /** The message as it is now, if the whole of it lies in memory; reads nothing and waits for nothing. */
    default Optional<StoredMessage> recent(SpoolId id) {
        return Optional.empty();
    }

    /** As {@link #read}, but the body is read and verified only when its content is asked for: for lists and looks. */
    Optional<StoredMessage> peek(SpoolId id) throws IOException;

    /**
     * The ids of unfinished messages in order of arrival, at most {@code most} of them.
     *
     * @param after begins behind this one; null begins at the first
     */
    List<SpoolId> ids(@Nullable SpoolId after, int most);

    /**
     * The bytes of a stored message (prepended header and body), read when they are asked for; may be called as soon as
     * its Accept is stored, and never blocks itself. Reading throws once the message is gone.
     *
     * @param size octets in all, known to who stored it
     */
    Content content(SpoolId id, long size);

    /** Has {@code listener} told of damage, also of what was found before; it must not block. */
    default void onDamage(Consumer<Damage> listener) {}

    /** Whether a message of this size may be begun; false when the disk is down to its reserve or the spool has failed. */
    boolean hasRoom(long size);

    /** Whether changes can be stored at all; false while the disk takes nothing. Then nothing should be delivered either. */
    default boolean isStoring() {
        return true;
    }

    /** How many messages of former runs the queue is still to be told of. */
    default int unvisited() {
        return 0;
    }

    /** Stores what was committed, then closes. Waits. */
    void close();

    /** Told exactly once whether a change lasts. */
    interface Done {
        /** It is on disk. */
        void stored();

        /** It is not, and never will be. */
        void failed(SpoolFailure why);
    }

    /**
     * Why a change was not stored.
     *
     * @param full the disk has no room
     * @param ofMessage it lies in the message: trying again changes nothing
     */
    record SpoolFailure(boolean full, boolean ofMessage, String text) {
        public SpoolFailure(boolean full, String text) {
            this(full, false, text);
        }
    }
}
