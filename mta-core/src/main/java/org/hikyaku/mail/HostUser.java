package org.hikyaku.mail;

/**
 * A user of this host, whom the kernel knows: the owner of a file, or of the process at the other end of a Unix socket.
 *
 * @param name his name, or his number where he has none
 */
public record HostUser(String name, int uid) {
    /** As it stands in a Received field: letters that cannot end a comment or a line. */
    public String shown() {
        return "user " + name.replaceAll("[^A-Za-z0-9._@+-]", "?") + " uid " + Integer.toUnsignedString(uid);
    }
}
