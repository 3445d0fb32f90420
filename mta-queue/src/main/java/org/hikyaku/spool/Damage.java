package org.hikyaku.spool;

import java.util.Optional;
import org.hikyaku.mail.SpoolId;

/**
 * Stored octets that are not what was written, or not there any more.
 *
 * @param file the segment's or the body's file name, empty when it is not known
 * @param offset where the damaged record begins in a segment
 * @param id the message it cost, when that is known
 * @param what for people
 */
public record Damage(String file, long offset, Optional<SpoolId> id, String what) {}
