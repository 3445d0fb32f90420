package org.hikyaku.config;

import java.util.List;
import java.util.Optional;

/** What came of reading a configuration. */
public sealed interface Reading {
    /** It may be put in force. */
    record Good(Config config) implements Reading {}

    /**
     * Not fit to be put in force.
     *
     * @param problems every mistake that was found; at least one
     * @param understood what could be read, defaults in place of what could not; empty when a file, or one that it includes, could not
     *     be read, for that may set anything. Good enough to find the control socket, for no more
     */
    record Bad(List<Problem> problems, Optional<Config> understood) implements Reading {
        public Bad {
            problems = List.copyOf(problems);
        }
    }
}
