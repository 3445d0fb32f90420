package org.hikyaku.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The store.
 *
 * @param directory {@code data_dir/spool} by default
 * @param segmentSize octets of a journal segment
 * @param inlineMax bodies above it get a file of their own
 * @param marksWait how long the mark of a delivery may wait for something else to be written with
 * @param reserve octets of disk kept free for deliveries and bounces: below it MAIL is answered 452
 */
public record SpoolSettings(
        @Restart Optional<Path> directory,
        @Restart @Range("64KiB to 1GiB") long segmentSize,
        @Range("4KiB to 16MiB") int inlineMax,
        @Range("0B to 1024GiB") long reserve,
        @Range("0s to 1s") Duration marksWait,
        @Range("1MiB to 16GiB") long backgroundRate) {}
