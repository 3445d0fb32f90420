package org.hikyaku.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.hikyaku.config.Config;
import org.hikyaku.config.Config.LogFormat;
import org.hikyaku.config.Config.LogLevel;
import org.hikyaku.world.Event;
import org.junit.jupiter.api.Test;

class LogEventsTest {
    private final LogEvents events = new LogEvents(
            () -> new Config.Log(LogFormat.TEXT, LogLevel.ERROR),
            Clock.fixed(Instant.parse("2026-11-21T10:00:00.123Z"), ZoneOffset.UTC));

    @Test
    void aTextLineHasTimeLevelNameAndFieldsThatAreKnown() {
        assertThat(events.line(LogFormat.TEXT, Event.SESSION_OPENED, "s1", "mx", "[192.0.2.1]:4711"))
                .isEqualTo(
                        "2026-11-21T10:00:00.123Z INFO session-opened session=s1 listener=mx remote=[192.0.2.1]:4711");
        assertThat(events.line(LogFormat.TEXT, Event.MESSAGE_QUEUED, "m1", null, "", 3))
                .endsWith("message-queued id=m1 from=\"\" recipients=3");
    }

    @Test
    void aValueCannotForgeALineOrAField() {
        assertThat(events.line(LogFormat.TEXT, Event.SERVER_STOPPING, "a\r\n2026 ERROR b=\"c\" \u2028\u202e"))
                .endsWith("reason=\"a\\u000d\\u000a2026 ERROR b=\\\"c\\\" \\u2028\\u202e\"");
        assertThat(events.line(LogFormat.TEXT, Event.SERVER_STOPPING, "x reason=y"))
                .endsWith("reason=\"x reason=y\"");
        assertThat(events.line(LogFormat.JSON, Event.SERVER_STOPPING, "\"},\n{"))
                .isEqualTo("{\"time\":\"2026-11-21T10:00:00.123Z\",\"level\":\"info\",\"event\":\"server-stopping\","
                        + "\"reason\":\"\\\"},\\u000a{\"}");
    }

    @Test
    void aLongValueIsCut() {
        assertThat(events.line(LogFormat.TEXT, Event.SERVER_STOPPING, "x".repeat(5000)))
                .hasSizeLessThan(1100);
    }

    @Test
    void aThrowableIsOneLineWithItsPlaceAndCause() {
        Exception thrown = new IllegalStateException("outer", new IllegalArgumentException("inner"));
        assertThat(events.line(LogFormat.TEXT, Event.TASK_DIED, "t", thrown))
                .contains("IllegalStateException: outer at LogEventsTest.java:")
                .endsWith("because of java.lang.IllegalArgumentException: inner\"")
                .doesNotContain("\n");
    }

    @Test
    void everyEventIsCountedWhetherOrNotItIsLogged() {
        events.emit(Event.MESSAGE_DONE, "m1", 5);
        events.emit(Event.MESSAGE_DONE, "m2", 5);
        assertThat(events.counts()).containsEntry(Event.MESSAGE_DONE, 2L).containsEntry(Event.TASK_DIED, 0L);
    }
}
