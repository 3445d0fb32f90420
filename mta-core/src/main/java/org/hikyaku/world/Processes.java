package org.hikyaku.world;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Programs of this host. */
public interface Processes {
    /**
     * Runs a program to its end and waits for it: for tasks, not for loops. What it has started itself and left behind is not
     * waited for.
     *
     * <p><i>Failure:</i> {@link IOException} when it cannot be started at all, or may not be.
     */
    Ended run(Program program) throws IOException;

    /** For an outside without programs. */
    static Processes none() {
        return program -> {
            throw new IOException("no program is run here");
        };
    }

    /**
     * What is to be run.
     *
     * @param command the program's path and its arguments, as they are: no shell reads them
     * @param environment all of it
     * @param limit after this time it is killed, and what it has started with it
     * @param outputMax octets of its output, errors too, that are kept; the rest is read and thrown away
     */
    record Program(
            List<String> command,
            Map<String, String> environment,
            Path directory,
            Input input,
            Duration limit,
            int outputMax) {
        public Program {
            command = List.copyOf(command);
        }
    }

    /** What a program reads on its standard input. */
    interface Input {
        /** The next octets; none at the end. May wait. */
        byte[] next() throws IOException;
    }

    /** How it ended. */
    sealed interface Ended {
        /** By itself; a program that a signal ends has 128 and its number. It need not have read all of its input. */
        record Exited(int code, byte[] output) implements Ended {}

        /** Its time was over. */
        record OutOfTime(byte[] output) implements Ended {}

        /** The input failed, and it was killed before it could take what had come for the whole. */
        record InputFailed() implements Ended {}
    }
}
