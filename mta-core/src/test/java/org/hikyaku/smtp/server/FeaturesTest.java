package org.hikyaku.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.hikyaku.smtp.Command;
import org.hikyaku.smtp.Extension;
import org.junit.jupiter.api.Test;

/** The server's tables have a row for all there is. */
class FeaturesTest {
    @Test
    void eachExtensionThatIsOfferedIsDeclaredOnce() {
        assertThat(Features.ALL).extracting(Feature::extension).containsExactly(Extension.values());
    }

    @Test
    void eachCommandThatCanBeReadHasOneVerb() {
        List<? extends Class<?>> types =
                Verbs.all().stream().map(verb -> verb.type()).toList();
        assertThat(types).doesNotHaveDuplicates();
        assertThat(types.stream().map(Class::getName))
                .containsExactlyInAnyOrderElementsOf(List.of(Command.class.getPermittedSubclasses()).stream()
                        .map(Class::getName)
                        .toList());
    }

    @Test
    void aVerbThatNeedsRecipientsSaysSoBeforeTheFirst() {
        assertThat(Verbs.all().stream()
                        .filter(verb -> verb.phases().contains(Phase.RECIPIENTS)
                                && !verb.phases().contains(Phase.SENDER))
                        .map(Verb::word))
                .containsExactly("DATA", "BDAT");
    }
}
