package org.hikyaku.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import org.hikyaku.config.HeaderPattern;
import org.junit.jupiter.api.Test;

class HeadTest {
    private static boolean has(Head head, String wanted) throws IOException {
        return head.has(HeaderPattern.parse(wanted).orElseThrow());
    }

    @Test
    void fieldsAreUnfoldedToTheLastAndEndWithTheHeader() throws IOException {
        Head head = Head.ofText(
                " astray: x\r\nSubject: one \r\n\ttwo\r\n  three\r\nX-Empty:\r\n y\r\n\r\nX-Body: no\r\n z");
        assertThat(has(head, "Subject: ^one two three$")).isTrue();
        assertThat(has(head, "X-Empty: ^y$")).isTrue();
        assertThat(has(head, "X-Body")).isFalse();
        assertThat(has(Head.ofText("X-Last: a\n b"), "X-Last: ^a b$")).isTrue();
    }

    @Test
    void aFieldOfVeryManyLinesCostsWhatItsOctetsCost() throws IOException {
        Head head = Head.ofText("Subject: x\r\n");
        assertThat(has(head, "Subject")).isTrue(); // everything is loaded
        String text = "Subject: x" + "\r\n a".repeat(64_000);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        assertThat(has(Head.ofText(text), "Subject: a a$")).isTrue();
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(100 * 1024 * 1024L);
    }
}
