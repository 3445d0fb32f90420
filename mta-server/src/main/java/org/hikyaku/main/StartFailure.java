package org.hikyaku.main;

import java.util.List;

/** The server does not start; every reason that is known, a line each. */
public final class StartFailure extends Exception {
    private static final long serialVersionUID = 1;

    private final transient List<String> problems;

    StartFailure(List<String> problems) {
        super(String.join("\n", problems));
        this.problems = List.copyOf(problems);
    }

    StartFailure(String problem, Throwable cause) {
        super(problem, cause);
        this.problems = List.of(problem);
    }

    public List<String> problems() {
        return problems;
    }
}
