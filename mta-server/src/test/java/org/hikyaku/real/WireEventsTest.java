package org.hikyaku.real;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WireEventsTest {
    /** Else who connected would wait for ever for a word of it. */
    @Test
    void aConnectionThatEndedBeforeItHadEndsIsTold() {
        List<String> told = new ArrayList<>();
        WireEvents events = new WireEvents(
                channel -> {
                    throw new AssertionError("no wire");
                },
                NetHouse.loopback(25),
                wire -> {
                    throw new AssertionError("no wire");
                },
                () -> told.add("stillborn"));
        EmbeddedChannel nameless = new EmbeddedChannel(events); // its ends have no addresses
        assertThat(told).containsExactly("stillborn");
        assertThat(nameless.isOpen()).isFalse();
    }
}
