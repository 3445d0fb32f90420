package org.hikyaku.sim;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;

/**
 * The stack of one task: {@link #resume} goes on with it on the caller's thread until it pauses or ends, so that handing
 * the baton on is a change of stack, and neither of thread nor of core. It is what the JDK makes virtual threads of, which
 * is not for programs: {@code --add-opens java.base/java.lang=ALL-UNNAMED} lets us reach it.
 *
 * <p><i>Failure:</i> without that option no world can be made, and that is said; a pause below a native frame is an
 * {@link IllegalStateException}.
 */
final class SimStack {
    private static final String INTERNAL = "jdk.internal.vm";
    private static final MethodHandle MAKE;
    private static final MethodHandle RUN;
    private static final MethodHandle YIELD;

    static {
        try {
            Method export = Module.class.getDeclaredMethod("implAddExportsToAllUnnamed", String.class);
            export.setAccessible(true);
            export.invoke(Object.class.getModule(), INTERNAL);
            Class<?> scopes = Class.forName(INTERNAL + ".ContinuationScope");
            Class<?> stacks = Class.forName(INTERNAL + ".Continuation");
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            Object scope = lookup.findConstructor(scopes, MethodType.methodType(void.class, String.class))
                    .invoke("simulator");
            MAKE = lookup.findConstructor(stacks, MethodType.methodType(void.class, scopes, Runnable.class))
                    .bindTo(scope)
                    .asType(MethodType.methodType(Object.class, Runnable.class));
            RUN = lookup.findVirtual(stacks, "run", MethodType.methodType(void.class))
                    .asType(MethodType.methodType(void.class, Object.class));
            YIELD = lookup.findStatic(stacks, "yield", MethodType.methodType(boolean.class, scopes))
                    .bindTo(scope);
        } catch (Throwable e) {
            throw new IllegalStateException("the simulator wants --add-opens java.base/java.lang=ALL-UNNAMED", e);
        }
    }

    private final Object stack;

    SimStack(Runnable body) {
        try {
            stack = (Object) MAKE.invokeExact(body);
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    /** Goes on with it, until it pauses or its body has ended. */
    void resume() {
        try {
            RUN.invokeExact(stack);
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    /** The stack this is called on stops here; the call comes back when it is resumed. */
    static void pause() {
        try {
            boolean done = (boolean) YIELD.invokeExact();
            assert done;
        } catch (Throwable e) {
            throw unchecked(e);
        }
    }

    private static RuntimeException unchecked(Throwable e) {
        return switch (e) {
            case RuntimeException runtime -> throw runtime;
            case Error error -> throw error;
            default -> new IllegalStateException(e);
        };
    }
}
