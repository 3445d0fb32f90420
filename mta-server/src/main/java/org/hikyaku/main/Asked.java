package org.hikyaku.main;

import org.hikyaku.admin.ControlEnd;
import org.hikyaku.admin.ControlRequest;

/** Who carries out a queue command: the server, or this process itself ({@link Offline}). */
interface Asked {
    /** Has {@code request} carried out, and tells {@code ear} the answer. */
    ControlEnd ask(ControlRequest request, ControlClient.Ear ear) throws ControlClient.NoServer;
}
