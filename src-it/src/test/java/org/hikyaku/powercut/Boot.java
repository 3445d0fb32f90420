package org.hikyaku.powercut;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.hikyaku.daemon.Daemon;

/** The server itself, started on an image: it delivers what it owes. */
record Boot(List<String> problems) {
    /** At a promise of a drawn place, with a drawn loss. */
    static Boot of(Path home, int number, Recording recording, Ledger ledger, Random chance)
            throws IOException, InterruptedException {
        List<Op> promises =
                recording.ops().stream().filter(Op.Promise.class::isInstance).toList();
        int cut = promises.get(chance.nextInt(promises.size())).span().begin() + 1;
        PowerModel model = new PowerModel(recording.ops());
        model.advance(cut);
        Loss loss = Loss.any(chance, cut, model.lastUnforced());
        Path here = home.resolve("boot" + number);
        Recorder.clear(here);
        Files.createDirectories(here);
        long now = recording.microsBefore(cut);
        try (Ledger then = ledger.until(now);
                Sink sink = new Sink(then);
                Daemon server =
                        Daemon.make(here, Files.readAllLines(home.resolve("users")), Letter.settings(sink.port()))) {
            model.image(loss, chance).write(here.resolve("disk"), "");
            server.start(List.of());
            List<String> ids = promises.stream()
                    .filter(op -> op.span().begin() < cut)
                    .map(op -> ((Op.Promise) op).id())
                    .toList();
            Set<String> missing = new Owed(then, here.resolve("disk/mail"), server).missing(ids, now);
            server.end(false);
            System.out.println("powercut: started on the image before line " + cut + ", " + loss);
            return new Boot(
                    missing.isEmpty()
                            ? List.of()
                            : List.of("started at line " + cut + ", " + loss + ": not arrived " + missing));
        }
    }
}
