package org.hikyaku.main;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.hikyaku.admin.ControlRequest;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** What an operator hears who takes something back. */
class UndoAskedTest {
    private static final ControlRequest UNDO = ControlRequest.of("queue-undo", "ops");

    private static ControlRequest of(String command, String... names) {
        return new ControlRequest(command, "ops", List.of(names), null, null);
    }

    private static String shown(Map<String, Object> row) {
        StringWriter out = new StringWriter();
        PrintWriter printer = new PrintWriter(out);
        QueueTable.result(printer, printer, JsonMapper.shared().valueToTree(row));
        return out.toString();
    }

    @Test
    void theUndoOfAFreezeIsDoneAlsoIfNoMailWaits() throws IOException {
        try (OutboundBed bed = new OutboundBed(41)) {
            bed.ask(of("queue-freeze-sender", "@outside.example"));
            Told dry = bed.ask(UNDO.withFlag("dry", true));
            assertThat(dry.end().ok()).isTrue();
            assertThat(shown(dry.rows().getFirst())).contains("0 messages and 1 frozen sender would be changed");
            Told undo = bed.ask(UNDO);
            assertThat(undo.end().ok()).isTrue();
            assertThat(undo.rows().getFirst())
                    .containsEntry("undoes", 1L)
                    .containsEntry("senders_changed", List.of("@outside.example"));
            assertThat(shown(undo.rows().getFirst())).contains("0 messages and 1 frozen sender changed");
            assertThat(bed.server().operations().frozen()).isEmpty();
        }
    }

    @Test
    void whereNothingIsLeftThatIsTold() throws IOException {
        try (OutboundBed bed = new OutboundBed(42)) {
            bed.ask(of("queue-freeze-sender", "@outside.example"));
            bed.ask(of("queue-thaw-sender", "@outside.example"));
            Told undo = bed.ask(UNDO.with("operation", "1"));
            assertThat(undo.end().ok()).isFalse();
            assertThat(undo.end().messages())
                    .containsExactly("nothing is left of operation 1 that could be taken back");
        }
    }

    @Test
    void withoutANumberTheLastIsTakenBackThatCanBe() throws IOException {
        try (OutboundBed bed = new OutboundBed(43)) {
            bed.drop("m1", "anna", "to bob@b.example\n");
            bed.sim().runFor(Duration.ofMinutes(2));
            ControlRequest hold = new ControlRequest("queue-hold", "ops", List.of(), "all", null);
            assertThat(bed.ask(hold).end().ok()).isTrue();
            bed.ask(new ControlRequest("queue-release", "ops", List.of(), "all", null));
            bed.ask(ControlRequest.of("freeze", "ops").with("user", "anna"));
            List<Map<String, Object>> rows =
                    bed.ask(ControlRequest.of("queue-operations", "ops")).rows();
            assertThat(rows).extracting(row -> row.get("command")).containsExactly("hold", "release", "freeze");
            assertThat(rows)
                    .extracting(row -> row.get("obstacle"))
                    .containsExactly("", "", "a user's freeze is ended by hikyaku unfreeze, not by undo");
            StringWriter out = new StringWriter();
            QueueTable.operation(new PrintWriter(out, true), JsonMapper.shared().valueToTree(rows.getLast()));
            assertThat(out.toString()).contains("cannot be undone").doesNotContain("undo until");
            Told undo = bed.ask(UNDO);
            assertThat(undo.rows().getLast()).containsEntry("undoes", 2L);
        }
    }
}
