package org.hikyaku.admin;

import java.util.function.Consumer;

/** Answers requests of the control socket; {@link Operator} is the one of a running server. */
public interface ControlHandler {
    /**
     * Carries out {@code request}, in a task of its own; may wait.
     *
     * @param rows takes each row of the answer, waiting while the client is slow; a record or map that becomes JSON
     */
    ControlEnd handle(ControlRequest request, Consumer<Object> rows);
}
