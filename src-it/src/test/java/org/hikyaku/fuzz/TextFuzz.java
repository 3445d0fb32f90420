package org.hikyaku.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.hikyaku.mail.Address;
import org.hikyaku.mail.AddressList;
import org.hikyaku.mail.Domain;
import org.hikyaku.mail.HeaderScan;
import org.hikyaku.smtp.Reply;
import org.hikyaku.smtp.client.ReplyParser;
import org.hikyaku.smtp.client.ServerOffer;

/** Addresses, headers and the replies of other servers. */
final class TextFuzz {
    private static final int HEADER_MAX = 2000;

    private TextFuzz() {}

    /** What is an address is one in its written form too, the same one. */
    static void addresses(byte[] octets) {
        String text = new String(octets, UTF_8);
        Address.parse(text).ifPresent(TextFuzz::again);
        AddressList.parse(text).ifPresent(list -> list.forEach(TextFuzz::again));
        Domain.parse(text)
                .ifPresent(domain -> assertThat(Domain.parse(domain.ascii())).contains(domain));
    }

    private static void again(Address address) {
        assertThat(Address.parse(address.toString())).contains(address);
        assertThat(address.toString()).doesNotContain("\r", "\n", "\0");
    }

    static void headers(byte[] octets) throws Exception {
        HeaderScan whole = new HeaderScan(HEADER_MAX);
        whole.feed(octets, 0, octets.length);
        HeaderScan cut = new HeaderScan(HEADER_MAX);
        Cuts.each(octets, (array, from, to) -> cut.feed(array, from, to - from));
        assertThat(cut.facts()).isEqualTo(whole.facts());
    }

    static void replies(byte[] octets) throws Exception {
        ReplyParser one = new ReplyParser();
        List<Reply> whole = one.read(octets, 0, octets.length);
        ReplyParser other = new ReplyParser();
        List<Reply> cut = new ArrayList<>();
        Cuts.each(octets, (array, from, to) -> cut.addAll(other.read(array, from, to - from)));
        assertThat(cut).isEqualTo(whole);
        assertThat(other.broken()).isEqualTo(one.broken());
        for (Reply reply : whole) {
            assertThat(reply.text()).doesNotContain("\r", "\n", "\0");
            ServerOffer.read(reply);
        }
    }
}
