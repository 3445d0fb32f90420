package org.hikyaku.deliver;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.hikyaku.config.Config;
import org.hikyaku.mail.Address;
import org.hikyaku.mime.Transform;
import org.hikyaku.table.LocalDirectory.Resolution.Mailbox;

/**
 * The files of mailboxes, in one of their forms. Used by many tasks at once, beside other programs that read the mailboxes.
 *
 * <p>{@link Stored.Yes}: the message lies there whole and once, and power may fail. Anything else: it does not lie there, or
 * will be taken away again before the next one comes, or {@link Stored.No#copyLeft} says that this could not be done.
 */
interface Mailboxes {
    /** What became of a message. */
    sealed interface Stored {
        record Yes(String text) implements Stored {}

        /**
         * The mailbox cannot be written now.
         *
         * @param copyLeft it may lie there all the same: it was visible already, and cannot be taken back
         */
        record No(String text, boolean copyLeft) implements Stored {
            No(String text) {
                this(text, false);
            }
        }

        /** The message could not be read from the spool. */
        record Unreadable() implements Stored {}

        /** Others had the mailbox all the time. */
        record Busy() implements Stored {}

        record OverQuota() implements Stored {}
    }

    Path root(Config config);

    /** Fields that only the mailbox's own readers may write. */
    List<String> fieldsOfReaders();

    /** From the message, with the header it has here, to the octets of the file. */
    Transform form(Transform own, boolean lines);

    /**
     * Whether {@code more} octets fit, as far as that is quickly known.
     *
     * @param quota octets the mailbox may hold
     */
    boolean hasRoom(Mailbox mailbox, long more, long quota, Config config) throws IOException;

    /**
     * Puts a message into a mailbox, which is made if it is missing.
     *
     * @param quota octets the mailbox may hold; 0: any number
     */
    Stored store(Delivery delivery, Address sender, Mailbox mailbox, long quota, Outgoing message);
}
