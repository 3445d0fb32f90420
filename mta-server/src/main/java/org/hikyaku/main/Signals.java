package org.hikyaku.main;

import java.lang.reflect.Proxy;

/**
 * The signals of the operating system. Java has no public way to hear them but {@code sun.misc.Signal}, reached by
 * reflection as the compiler refuses its name.
 *
 * <p><i>Failure:</i> where a signal cannot be heard, the virtual machine's own behaviour stays: it ends.
 */
final class Signals {
    private Signals() {}

    /** Has {@code action} run on a thread of its own at each signal {@code name}: {@code TERM}, {@code HUP}; false if not possible. */
    static boolean on(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object proxy = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(), new Class<?>[] {handler}, (self, method, arguments) -> {
                        return switch (method.getName()) {
                            case "handle" -> {
                                action.run();
                                yield null;
                            }
                            case "hashCode" -> System.identityHashCode(self);
                            case "equals" ->
                                arguments != null
                                        && System.identityHashCode(self) == System.identityHashCode(arguments[0]);
                            default -> "handler of " + name;
                        };
                    });
            Object heard = signal.getConstructor(String.class).newInstance(name);
            signal.getMethod("handle", signal, handler).invoke(null, heard, proxy);
            return true;
        } catch (ReflectiveOperationException e) {
            return false; // or the virtual machine keeps this signal for itself
        }
    }
}
