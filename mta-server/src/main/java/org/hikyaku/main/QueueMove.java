package org.hikyaku.main;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.hikyaku.admin.ControlRequest;
import org.hikyaku.world.FileTrouble;
import tools.jackson.databind.JsonNode;

/**
 * {@code queue export} and {@code queue import}, of the running server or of a spool that no server has open.
 *
 * <p><i>Failure:</i> told on standard error. An export that removes does so only when its file is whole, forced and named; what it
 * had held is let go when that fails.
 */
final class QueueMove {
    private static final int LEFT_MAX = 50_000;

    private final Asked asked;
    private final QueueOption option;
    private final PrintWriter out;
    private final PrintWriter err;
    /** Not exported. */
    private final List<String> left = new ArrayList<>();

    private long taken;
    private long changed;

    QueueMove(Asked asked, QueueOption option, PrintWriter out, PrintWriter err) {
        this.asked = asked;
        this.option = option;
        this.out = out;
        this.err = err;
    }

    /** What to do with who is asked. */
    interface Work {
        int run(QueueMove move) throws IOException;
    }

    /** Opens who is to be asked, and closes him. */
    static int with(QueueOption option, boolean offline, PrintWriter out, PrintWriter err, Work work) {
        try {
            if (!offline) {
                Optional<ControlClient> client = option.server().client(err);
                return client.isEmpty() ? Exit.CONFIG : work.run(new QueueMove(client.get(), option, out, err));
            }
            var config = option.server().config(err);
            if (config.isEmpty()) {
                return Exit.CONFIG;
            }
            try (Offline queue = Offline.open(config.get())) {
                return work.run(new QueueMove(queue, option, out, err));
            }
        } catch (IOException e) {
            return failed(err, e);
        } catch (UncheckedIOException e) {
            return failed(err, Objects.requireNonNull(e.getCause()));
        }
    }

    private static int failed(PrintWriter err, IOException e) {
        err.println("hikyaku: " + FileTrouble.of(e));
        return Exit.PROBLEM;
    }

    private int ask(ControlRequest request, Consumer<JsonNode> rows) {
        return ServerOption.ask(asked, request, option.talk(rows), out, err);
    }

    // Export

    int export(String file, ControlRequest request) throws IOException {
        try (QueueExport export = QueueExport.to(file)) {
            int code = copy(export, request);
            if (isAnswered(code)) {
                err.println(export.end() + " messages exported");
            }
            return code;
        }
    }

    private int copy(QueueExport export, ControlRequest request) {
        return ask(request, row -> {
            if (!export.row(row) && QueueTable.left(err, row)) {
                left.add(row.path("id").asString());
            }
        });
    }

    /** Holds the messages first, then copies them, then, when the file is there for good, puts them into the trash. */
    int move(String file, ControlRequest which) throws IOException {
        boolean removes = false;
        int code;
        try (QueueExport export = QueueExport.to(file)) {
            code = ask(which, this::took);
            if (!isAnswered(code) || changed == 0) {
                return isAnswered(code) ? Exit.PROBLEM : code;
            }
            ControlRequest copy = ControlRequest.of("queue-export", ServerOption.asker());
            int copied = copy(export, copy.with("taken", String.valueOf(taken)));
            if (isAnswered(copied) && left.size() <= LEFT_MAX) {
                err.println(export.end() + " messages exported");
                removes = true;
                code = Math.max(code, copied);
            }
        } finally {
            if (!removes && changed > 0) {
                err.println("hikyaku: nothing is removed");
                undo();
            }
        }
        return removes ? Math.max(code, remove()) : Exit.PROBLEM;
    }

    private static boolean isAnswered(int code) {
        return code == Exit.OK || code == Exit.PROBLEM;
    }

    private void took(JsonNode row) {
        if (!QueueTable.left(err, row)) {
            taken = row.path("operation").asLong();
            changed = row.path("changed").asLong();
        }
    }

    private void undo() {
        ControlRequest undo = ControlRequest.of("queue-undo", ServerOption.asker());
        ask(undo.with("operation", String.valueOf(taken)), this::result);
    }

    /** What could not be copied goes on as before. */
    private int remove() {
        if (!left.isEmpty()) {
            int code = ask(new ControlRequest("queue-release", ServerOption.asker(), left, null, null), this::result);
            if (code != Exit.OK) {
                err.println("hikyaku: nothing is removed; hikyaku queue undo " + taken + " lets all go on");
                return Exit.PROBLEM;
            }
        }
        ControlRequest moved = ControlRequest.of("queue-moved", ServerOption.asker());
        return ask(moved.with("taken", String.valueOf(taken)), this::result);
    }

    private void result(JsonNode row) {
        if (!QueueTable.left(err, row)) {
            show(row, () -> QueueTable.result(out, err, row));
        }
    }

    private void show(JsonNode row, Runnable people) {
        if (option.isJson()) {
            out.println(row.toString());
        } else {
            people.run();
        }
    }

    // Import

    int take(String file, boolean dry) throws IOException {
        ControlRequest request =
                ControlRequest.of("queue-import", ServerOption.asker()).withFlag("dry", dry);
        try (InputStream in = file.equals("-") ? System.in : Files.newInputStream(Path.of(file))) {
            return ServerOption.ask(
                    asked,
                    request,
                    new ControlClient.Ear() {
                        @Override
                        public void row(JsonNode row) {
                            if (option.isJson() || !QueueTable.left(err, row)) {
                                show(row, () -> imported(row));
                            }
                        }

                        @Override
                        public void speak(Consumer<String> lines) {
                            QueueImport.speak(in, lines);
                        }
                    },
                    out,
                    err);
        }
    }

    private void imported(JsonNode row) {
        boolean dry = row.path("dry_run").asBoolean();
        out.println("import: " + row.path("taken").asLong() + " messages " + (dry ? "would be taken, " : "taken, ")
                + row.path("skipped").asLong() + " skipped, "
                + row.path("refused").asLong() + " refused" + (dry ? "; nothing was touched" : ""));
        if (row.path("waiting").asLong() > 0) {
            err.println("hikyaku: " + row.path("waiting").asLong()
                    + " messages of an import that broke off still wait; import their archive again, or remove them:"
                    + " hikyaku queue remove --now 'held ~ \"being imported\"'");
        }
    }
}
