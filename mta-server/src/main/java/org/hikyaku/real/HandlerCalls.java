package org.hikyaku.real;

import java.util.function.Consumer;
import org.hikyaku.world.WireHandler;
import org.jspecify.annotations.Nullable;

/**
 * The calls of a wire's handler. Knows whether one is under way, so that the wire never calls back from within.
 *
 * <p><i>Failure:</i> an exception out of the handler goes to {@code onBug}, not to Netty.
 */
final class HandlerCalls {
    private final Consumer<Throwable> onBug;
    private @Nullable WireHandler handler;
    private boolean underWay;

    HandlerCalls(Consumer<Throwable> onBug) {
        this.onBug = onBug;
    }

    void handler(WireHandler toCall) {
        handler = toCall;
    }

    /** Whether code of the handler's side is on the stack. */
    boolean underWay() {
        return underWay;
    }

    void call(Consumer<WireHandler> what) {
        WireHandler called = handler;
        if (called != null) {
            within(() -> what.accept(called));
        }
    }

    /** Runs {@code step}, which the handler's side has asked for, without a call back before its end. */
    void within(Runnable step) {
        boolean outer = underWay;
        underWay = true;
        try {
            step.run();
        } catch (RuntimeException | StackOverflowError | AssertionError e) {
            onBug.accept(e);
        } finally {
            underWay = outer;
        }
    }
}
