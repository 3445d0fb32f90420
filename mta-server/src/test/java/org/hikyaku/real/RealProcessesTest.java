package org.hikyaku.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.hikyaku.world.Processes;
import org.hikyaku.world.Processes.Ended;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RealProcessesTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path directory = Path.of("/");

    private final Processes processes = new RealProcesses(1000, 2);

    private static Processes.Input input(String... parts) {
        Iterator<String> each = Arrays.asList(parts).iterator();
        return () -> each.hasNext() ? each.next().getBytes(StandardCharsets.UTF_8) : new byte[0];
    }

    private Ended sh(String script, Processes.Input input, Duration limit, int outputMax) throws IOException {
        return processes.run(new Processes.Program(
                List.of("/bin/sh", "-c", script, "x", "$HOME; echo y"),
                Map.of("SENDER", "a b;c@d"),
                directory,
                input,
                limit,
                outputMax));
    }

    private static String output(Ended ended) {
        assertThat(ended).isInstanceOf(Ended.Exited.class);
        return new String(((Ended.Exited) ended).output(), StandardCharsets.UTF_8);
    }

    @Test
    void inputEnvironmentAndArgumentsComeAsTheyAre() throws IOException {
        assertThat(output(sh("cat; echo \"$1|$SENDER|$PWD\"; env | wc -l", input("one ", "two\n"), LONG, 1000)))
                .startsWith("one two\n$HOME; echo y|a b;c@d|" + directory.toRealPath() + "\n")
                .doesNotContain("JAVA");
    }

    @Test
    void programsThatLeaveTheirInputToWhoDoesNotReadItAreBounded() throws Exception {
        List<ProcessHandle> readers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Path begun = directory.resolve("begun" + i);
            AtomicInteger parts = new AtomicInteger();
            Processes.Input endless = () -> {
                if (parts.incrementAndGet() == 3) { // two fill the pipe
                    Files.createFile(begun);
                }
                return new byte[1 << 15];
            };
            String leaves = "exec 3<&0; sleep 60 <&3 >/dev/null 2>&1 & while [ ! -e " + begun
                    + " ]; do sleep 0.05; done; echo $!";
            long pid = Long.parseLong(output(sh(leaves, endless, LONG, 100)).strip());
            readers.add(ProcessHandle.of(pid).orElseThrow());
        }
        assertThatThrownBy(() -> sh("exit 0", input(), LONG, 100)).hasMessageContaining("do not read their input");
        for (ProcessHandle reader : readers) {
            reader.destroyForcibly();
            reader.onExit().get(10, TimeUnit.SECONDS);
        }
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        boolean again = false;
        while (!again && System.nanoTime() < end) { // until their writers have seen it
            try {
                again = output(sh("echo yes", input(), LONG, 100)).equals("yes\n");
            } catch (IOException e) {
                Thread.onSpinWait();
            }
        }
        assertThat(again).isTrue();
    }

    @Test
    void exitCodesAndErrorsAreTold() throws IOException {
        Ended ended = sh("echo wrong >&2; exit 75", input("x".repeat(1 << 20)), LONG, 1000); // reads nothing of it
        assertThat(((Ended.Exited) ended).code()).isEqualTo(75);
        assertThat(output(ended)).isEqualTo("wrong\n");
        assertThat(((Ended.Exited) sh("kill -9 $$", input(), LONG, 10)).code()).isEqualTo(137);
    }

    @Test
    void outputIsBoundedAndReadToItsEnd() throws IOException {
        Ended ended = sh(
                "i=0; while [ $i -lt 3000 ]; do echo 0123456789012345678901234567890123456789; i=$((i+1)); done; exit 3",
                input(),
                LONG,
                100);
        assertThat(output(ended)).hasSize(100);
        assertThat(((Ended.Exited) ended).code()).isEqualTo(3);
    }

    @Test
    void whoTakesTooLongIsKilledWithAllHeHasStarted() throws Exception {
        Path pid = directory.resolve("pid");
        Ended ended = sh("sleep 1000 & echo $! > pid; echo begun; wait", input("x"), Duration.ofMillis(500), 100);
        assertThat(ended).isInstanceOf(Ended.OutOfTime.class);
        assertThat(new String(((Ended.OutOfTime) ended).output(), StandardCharsets.UTF_8))
                .isEqualTo("begun\n");
        long child = Long.parseLong(Files.readString(pid).trim());
        ProcessHandle.of(child).ifPresent(handle -> {
            if (!isZombie(child)) {
                handle.onExit()
                        .orTimeout(5, java.util.concurrent.TimeUnit.SECONDS)
                        .join();
            }
        });
    }

    private static boolean isZombie(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/stat")).contains(") Z ");
        } catch (IOException gone) {
            return true;
        }
    }

    @Test
    void whoReadsNothingOfALongInputIsKilledInTime() throws IOException {
        assertThat(sh("sleep 1000", input("x".repeat(1 << 20)), Duration.ofMillis(300), 100))
                .isInstanceOf(Ended.OutOfTime.class);
    }

    @Test
    void whatItLeavesBehindIsNotWaitedFor() throws IOException {
        long begin = System.nanoTime();
        assertThat(output(sh("sleep 5 & echo done", input(), LONG, 100))).isEqualTo("done\n");
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(4));
    }

    @Test
    void anInputThatFailsIsNeverTakenForTheWhole() throws IOException {
        boolean[] first = {true};
        Processes.Input broken = () -> {
            if (first[0]) {
                first[0] = false;
                return "half".getBytes(StandardCharsets.UTF_8);
            }
            throw new IOException("damaged");
        };
        assertThat(sh("cat > got; mv got whole", broken, LONG, 100)).isInstanceOf(Ended.InputFailed.class);
        assertThat(directory.resolve("whole")).doesNotExist();
    }

    @Test
    void aProgramThatIsNotThereIsAnError() {
        assertThatThrownBy(() -> processes.run(
                        new Processes.Program(List.of("/no/such/program"), Map.of(), directory, input(), LONG, 10)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("/no/such/program");
    }

    @Test
    void nothingIsStartedAsRoot() {
        assertThatThrownBy(() -> new RealProcesses(0, 2)
                        .run(new Processes.Program(List.of("/bin/true"), Map.of(), directory, input(), LONG, 10)))
                .hasMessageContaining("never run as root");
    }
}
