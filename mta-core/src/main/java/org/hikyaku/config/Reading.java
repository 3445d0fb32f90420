package org.hikyaku.config;

import java.util.List;

/** What came of reading a configuration. */
public sealed interface Reading {
    /** It may be put in force. */
    record Good(Config config) implements Reading {}

    /** Every mistake that was found; at least one. */
    record Bad(List<Problem> problems) implements Reading {
        public Bad {
            problems = List.copyOf(problems);
        }
    }
}
