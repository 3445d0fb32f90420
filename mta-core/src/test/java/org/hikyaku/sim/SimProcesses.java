package org.hikyaku.sim;

import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.hikyaku.world.Processes;

/** The programs of a host, each a function of the test. They outlive crashes; one that runs then has done nothing. */
public final class SimProcesses {
    private final Map<String, Body> programs = new LinkedHashMap<>();

    /** What a program does, at its end. */
    public interface Body {
        Result run(Processes.Program program, byte[] input);
    }

    /**
     * How it ends.
     *
     * @param takes its time beside what the seed adds
     */
    public record Result(int code, String output, Duration takes) {
        public static Result exit(int code) {
            return new Result(code, "", Duration.ZERO);
        }
    }

    /** Puts a program at a path. */
    public void install(String path, Body body) {
        programs.put(path, body);
    }

    Processes of(SimProcess process, SimRandom random) {
        return program -> run(process, random, program);
    }

    private Processes.Ended run(SimProcess process, SimRandom random, Processes.Program program) throws IOException {
        process.point("run");
        String path = program.command().getFirst();
        Body body = programs.get(path);
        if (body == null) {
            throw new FileNotFoundException(path + ": no such program");
        }
        ByteArrayOutputStream input = new ByteArrayOutputStream();
        try {
            for (byte[] some = program.input().next();
                    some.length > 0;
                    some = program.input().next()) {
                process.point("stdin");
                input.writeBytes(some);
            }
        } catch (IOException e) {
            return new Processes.Ended.InputFailed();
        }
        process.scheduler().busy(process, "program", random.between(1_000_000, 50_000_000));
        Result result = body.run(program, input.toByteArray());
        byte[] output = result.output().getBytes(StandardCharsets.UTF_8);
        byte[] kept = Arrays.copyOf(output, Math.min(output.length, program.outputMax()));
        boolean late = result.takes().compareTo(program.limit()) > 0;
        long nanos = (late ? program.limit() : result.takes()).toNanos();
        if (nanos > 0) {
            process.scheduler().busy(process, "program", nanos);
        }
        return late ? new Processes.Ended.OutOfTime(kept) : new Processes.Ended.Exited(result.code(), kept);
    }
}
