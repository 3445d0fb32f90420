package org.hikyaku.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.Locale;
import org.hikyaku.dns.AnswerFuzz;
import org.hikyaku.listen.ProxyHeaderFuzz;
import org.hikyaku.smtp.server.AttributesFuzz;

/**
 * THE list of parsers that read what strangers send.
 *
 * <p><i>Failure:</i> a body throws, whatever it is, when its parser does not keep what is asked of it.
 */
@SuppressWarnings("ImmutableEnumChecker") // functions and lists without state
enum Parser {
    COMMANDS(
            FramingFuzz::commands,
            "EHLO a.example\r\nMAIL FROM:<a@b.example> SIZE=10 BODY=8BITMIME\r\nRCPT TO:<\"a b\"@c.example>\r\nDATA\r\n",
            "MAIL FROM:<@a.example,@b.example:j\\\"oe@[IPv6:2001:db8::1]> AUTH=<> RET=FULL ENVID=a+2Bb SMTPUTF8\r\n",
            "AUTH PLAIN AGpvZQBzZWNyZXQ=\r\nVRFY jörg\r\nBDAT 10 LAST\r\nRCPT TO:<Postmaster> NOTIFY=NEVER ORCPT=rfc822;a@b\r\n",
            "RSET \t\r\nNOOP\nNOOP\r\nSTARTTLS\r\nHELP\r\nXYZZY\r\nQUIT\r\n"),
    DATA(
            FramingFuzz::data,
            "Subject: x\r\n\r\n..\r\n.x\r\n.\r\nMAIL FROM:<>\r\n",
            "a\n.\nb\r.\rc\r\n.\nd\r\n.\re\r\n\0.\r\n\r\r\n.\r\n",
            ".\r\n",
            "caf\u00e9 and a long line of text that has no end but one\r\n\r\n.\r\r\n..\n.\r\n"),
    CHUNKS(
            ChunkFuzz::run,
            "Subject: x\r\n\r\n.\r\n..\r\nBDAT 3 LAST\r\n",
            "a\nb\rc\r\n\r\n\0\r\u00ff\n",
            "Subject: x\r\n\r\n\r",
            "no line end"),
    PROXY(ProxyHeaderFuzz::run, ProxyHeaderFuzz.seeds()),
    ATTRIBUTES(
            AttributesFuzz::run,
            "ADDR=203.0.113.9 NAME=a.example PORT=25 PROTO=ESMTP HELO=client.example\n",
            "ADDR=IPV6:2001:db8::9 LOGIN=joe+40a.example DESTADDR=192.0.2.1 DESTPORT=25\n",
            "addr=[UNAVAILABLE] NAME=[TEMPUNAVAIL] LOGIN= ADDR\nHELO=a+0Ab+3C+\nSOURCE=LOCAL IDENT=x PROTO=smtp\n"),
    ADDRESSES(
            TextFuzz::addresses,
            "joe@example.org",
            "\"a \\\" b\"@[192.0.2.1]",
            "jörg@bücher.example",
            "postmaster@xn--bcher-kva.example",
            "Joe <joe@a.example>, \"x, y\" <\"q r\"@b.example>, list: a@b.example, (c (d)) e@f.example;, <@r.example:g@h.example>"),
    HEADERS(
            TextFuzz::headers,
            "From: Joe <joe@a.example>\r\nReceived: by x\r\n folded\r\nMessage-ID: <1@a>\r\nDate: now\r\nPrecedence: bulk\r\n\r\nbody",
            "No header at all\r\nFrom : a@b\r\n",
            "From: a@b.example,\r\n\tc@d.example\r\nfrom: e@f\r\n\r\n"),
    MIME(
            MimeFuzz::run,
            "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\ncaf\u00e9\r\n"
                    + "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: y\r\n\r\n\u00e9\r\n--b--\r\nepilogue\r\n",
            "Content-Type: multipart/signed; boundary=s; micalg=x\r\n\r\n--s\r\n\r\n\u00fc\r\n--s\r\n\r\nsig\r\n--s--\r\n",
            "Content-Transfer-Encoding: 8bit\r\nContent-Type: text/plain;\r\n charset=\"utf-8\"; x*0=y\r\n\r\n\u00e9=3D\r\n",
            "Content-Type: multipart/digest; boundary=a b\r\n\r\n--a\r\n--a b\r\n\r\n\r\n.\r\n--a b--"),
    SASL(
            SaslFuzz::server,
            "\0joe\0secret\u00ff",
            "joe\u00ffsecret\u00ff",
            "n,,n=joe,r=fyko+d2lbbFgONRv9qkxdawL\u00ffc=biws,r=fyko,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
            "y,a=ann,n=joe=2C=3D,r=abc,x=y\u00ffc=eSws,r=abc,p=AAAA",
            "n,a=joe@a.example,\u0001host=a.example\u0001port=587\u0001auth=Bearer abc.def~+/=\u0001\u0001\u00ff\u0001",
            "user=joe@a.example\u0001auth=Bearer abc\u0001\u0001\u00ff"),
    SASL_CLIENT(
            SaslFuzz::client,
            "r=fyko+d2lbbFgONRv9qkxdawL%hvYDpWUa2RaTCAfuxFIlj)hNlF,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096\u00ffv=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
            "r=x,s=AA==,i=99999999999\u00ffe=invalid-proof",
            "Username:\u00ffPassword:"),
    REPLIES(
            TextFuzz::replies,
            "220 mx ESMTP\r\n250-mx\r\n250-SIZE 1000\r\n250-AUTH PLAIN LOGIN\r\n250 PIPELINING\r\n250 2.1.0 ok\r\n354 go\r\n",
            "550-5.1.1 no\r\n550 5.1.1 such user\n421\r\n250-\r\n250\r\n",
            "250-mx\r\n250-AUTH=LOGIN\r\n250-size x\r\n250 LIMITS RCPTMAX=10\r\n999 what\r\n"),
    DNS(AnswerFuzz::run, AnswerFuzz.seeds());

    /** Gives the parser octets and looks at what it made of them. */
    interface Body {
        void run(byte[] octets) throws Exception;
    }

    private final Body body;
    private final List<byte[]> seeds;

    /** Seeds as text: octets over 127 as UTF-8, but U+00FF as the octet FF. */
    Parser(Body body, String... seeds) {
        this(body, List.of(seeds).stream().map(Parser::octets).toList());
    }

    Parser(Body body, List<byte[]> seeds) {
        this.body = body;
        this.seeds = seeds;
    }

    void run(byte[] octets) throws Exception {
        body.run(octets);
    }

    List<byte[]> seeds() {
        return seeds;
    }

    /** Its folder of regressions. */
    String folder() {
        return name().toLowerCase(Locale.ROOT);
    }

    private static byte[] octets(String text) {
        byte[] utf8 = text.replace('\u00ff', '\u0001').getBytes(UTF_8);
        for (int i = 0; i < utf8.length; i++) {
            utf8[i] = utf8[i] == 1 ? (byte) 0xff : utf8[i];
        }
        return utf8;
    }
}
