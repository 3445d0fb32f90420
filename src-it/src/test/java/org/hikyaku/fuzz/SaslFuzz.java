package org.hikyaku.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.hikyaku.mail.TlsFacts;
import org.hikyaku.sasl.ChannelBindings;
import org.hikyaku.sasl.ClientMechanism;
import org.hikyaku.sasl.ExternalServer;
import org.hikyaku.sasl.Mechanisms;
import org.hikyaku.sasl.Scram;
import org.hikyaku.sasl.ScramDigest;
import org.hikyaku.sasl.ScramKeys;
import org.hikyaku.sasl.ServerMechanism;
import org.hikyaku.sasl.ServerMechanism.Step;
import org.hikyaku.sasl.TokenServer;

/** Both sides of each SASL mechanism: an exchange of messages that FF parts ends, and by no message in a success not earned. */
final class SaslFuzz {
    private static final byte[] RANDOM = new byte[Mechanisms.RANDOM_OCTETS];
    private static final ScramKeys KEYS = keys(ScramDigest.SHA_256);
    private static final ScramKeys KEYS_OF_SHA_1 = keys(ScramDigest.SHA_1);
    private static final ChannelBindings BOUND =
            ChannelBindings.ofClient(new TlsFacts("TLSv1.3", "", List.of(), true, new byte[0], new byte[32]));

    private SaslFuzz() {}

    private static ScramKeys keys(ScramDigest digest) {
        return Scram.keys(digest, "secret".getBytes(UTF_8), new byte[16], Scram.ITERATIONS_MIN)
                .orElseThrow();
    }

    private static ChannelBindings bindings(String name) {
        return ScramDigest.isPlus(name) ? BOUND : ChannelBindings.NONE;
    }

    static void server(byte[] octets) {
        List<byte[]> messages = parted(octets);
        for (String name : Mechanisms.NAMES) {
            Mechanisms.server(name, RANDOM, bindings(name)).ifPresent(mechanism -> {
                serve(mechanism, messages, true);
            });
            Mechanisms.server(name, RANDOM, bindings(name)).ifPresent(mechanism -> {
                serve(mechanism, messages, false);
            });
        }
        for (boolean bearer : new boolean[] {true, false}) {
            serve(new TokenServer(bearer), messages, true);
            serve(new TokenServer(bearer), messages, false);
        }
        serve(new ExternalServer(List.of(), name -> name), messages, true);
        serve(new ExternalServer(List.of(), name -> name), messages, false);
    }

    /** Every password is wrong, and nobody can prove to know the keys' one: so nobody may come in. */
    private static void serve(ServerMechanism mechanism, List<byte[]> messages, boolean initial) {
        int at = 0;
        Step step = mechanism.start(initial ? messages.get(at++) : null);
        for (int rounds = 0; rounds < 20; rounds++) {
            switch (step) {
                case Step.Challenge challenge -> {
                    if (at == messages.size()) {
                        return;
                    }
                    step = mechanism.next(messages.get(at++));
                }
                case Step.AskPassword ask -> step = mechanism.passwordChecked(false);
                case Step.AskKeys ask ->
                    step = mechanism.keys(ask.digest() == ScramDigest.SHA_1 ? KEYS_OF_SHA_1 : KEYS);
                case Step.AskToken ask -> step = mechanism.token(Optional.empty(), "mail");
                case Step.AskRemote ask -> throw new AssertionError("nobody else is to be asked");
                case Step.Success success -> throw new AssertionError("came in: " + success);
                case Step.Failure failure -> {
                    return;
                }
            }
        }
        throw new AssertionError(mechanism.name() + " does not end");
    }

    /** No server proves that it knows the password by chance. */
    static void client(byte[] octets) {
        for (String name : Mechanisms.NAMES) {
            ClientMechanism mechanism = Mechanisms.client(List.of(name), "joe", "secret", RANDOM, bindings(name))
                    .orElseThrow();
            for (byte[] challenge : parted(octets)) {
                if (!(mechanism.next(challenge) instanceof ClientMechanism.Answer.Send)) {
                    break;
                }
            }
            if (ScramDigest.of(name).isPresent()) {
                assertThat(mechanism.doubt()).isPresent();
            }
        }
    }

    private static List<byte[]> parted(byte[] octets) {
        List<byte[]> parts = new ArrayList<>();
        int from = 0;
        for (int i = 0; i <= octets.length; i++) {
            if (i == octets.length || octets[i] == (byte) 0xff) {
                parts.add(Arrays.copyOfRange(octets, from, i));
                from = i + 1;
            }
        }
        return parts;
    }
}
