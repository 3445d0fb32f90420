package org.hikyaku.deliver;

import java.time.Duration;
import java.util.Optional;
import org.hikyaku.mail.Domain;

/**
 * Whom nothing goes to for a while (docs/sites.md).
 *
 * @param who a host and its address, as {@code mx.example.org [192.0.2.1]:25}; or the key of a site whose reply asked for it
 * @param login whose login does not work there; empty: it is so for all
 * @param domain whose mail found it so
 * @param why for people
 * @param left until it is tried again
 */
public record PassedBy(String who, Optional<String> login, Domain domain, String why, Duration left) {}
