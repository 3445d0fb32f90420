package org.hikyaku.admin;

/** Answers requests of the control socket; {@link Operator} is the one of a running server. */
public interface ControlHandler {
    /** Carries out {@code request}, in a task of its own; may wait. */
    ControlEnd handle(ControlRequest request, Rows rows);
}
