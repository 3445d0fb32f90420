package org.hikyaku.queue;

import java.util.Arrays;
import java.util.List;
import org.hikyaku.mail.Site;
import org.hikyaku.mail.SpoolId;
import org.jspecify.annotations.Nullable;

/**
 * One message's recipients of one domain that travel together: waiting, lent as a claim, or held. Compact, for there
 * may be a million: 80 octets, and its places in a heap and in {@link Lives}; all else is in the spool. The parcels of
 * one message are linked in a ring, so a message needs no object of its own. Belongs to {@link Dispatch} and is touched
 * under its monitor only.
 */
final class Parcel {
    final long id;
    /** Whom it counts for when senders take turns: a number for the sender and the priority. */
    final int sender;

    final Priority priority;
    /** Its domain. */
    Home home;
    /** The recipients' places in the envelope, ascending, at least one; null stands for {@link #place} alone. */
    private int @Nullable [] places;

    private int place;
    /** Not to be tried before; milliseconds of the clock that never goes back. */
    long due;
    /** None of its recipients was tried yet. */
    boolean first;
    /** The whole message is kept in memory for it. */
    boolean hot;
    /** Its message is held. */
    boolean held;
    /** Its message is gone. */
    boolean gone;
    /** Lent to a deliverer or being settled. */
    boolean lent;
    /** Lent no more, and not stored yet: its outcome waits for its notice. */
    boolean resting;
    /** Where it waits or was lent from; null while held or being settled. */
    @Nullable
    Lane lane;

    /** Its order and its index in the heap where it waits. */
    long key;

    int at = Heap.NOWHERE;
    /** The ring of its message's parcels. */
    Parcel next = this;

    Parcel previous = this;
    /** The next message in the same bucket of {@link Lives}. */
    @Nullable
    Parcel chained;

    Parcel(long id, Sender sender, Home home, int[] places, long due, boolean first) {
        this.id = id;
        this.sender = sender.number();
        this.priority = sender.priority();
        this.home = home;
        this.due = due;
        this.first = first;
        places(places);
    }

    /** What of {@code other} is tried at another time. */
    Parcel(Parcel other, int[] places, long due) {
        this.id = other.id;
        this.sender = other.sender;
        this.priority = other.priority;
        this.home = other.home;
        this.held = other.held;
        this.due = due;
        places(places);
    }

    void places(int[] all) {
        place = all[0];
        places = all.length == 1 ? null : all;
    }

    /** Its first recipient, by which it is told from the message's other parcels. */
    int place() {
        return place;
    }

    /** How many recipients. */
    int size() {
        int[] several = places;
        return several == null ? 1 : several.length;
    }

    List<Integer> placeList() {
        int[] several = places;
        return several == null ? List.of(place) : Arrays.stream(several).boxed().toList();
    }

    SpoolId spoolId() {
        return new SpoolId(id);
    }

    /** The site it counts for. */
    Site site() {
        Lane at = lane;
        return at == null ? home.site : at.site;
    }

    /** Puts {@code other}, a ring of its own, behind this one in the ring. */
    void link(Parcel other) {
        other.next = next;
        other.previous = this;
        next.previous = other;
        next = other;
    }

    void unlink() {
        next.previous = previous;
        previous.next = next;
        next = this;
        previous = this;
    }
}
