package org.hikyaku.real;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.hikyaku.tls.TestAuthority;
import org.hikyaku.world.Https;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** HTTPS to a web server of the JDK's, on loopback. */
class RealHttpsTest {
    private static final TestAuthority AUTHORITY = new TestAuthority();

    @TempDir
    Path folder;

    private final CountDownLatch over = new CountDownLatch(1);
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private HttpsServer server;
    private RealHttps https;

    @BeforeEach
    void start() throws Exception {
        Path trust = Files.writeString(folder.resolve("ca.pem"), TestAuthority.pem(AUTHORITY.root()));
        https = new RealHttps(Optional.of(trust));
        KeyPair pair = TestAuthority.ec();
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        Certificate[] chain = {AUTHORITY.issue(pair, "localhost")};
        store.setKeyEntry("web", pair.getPrivate(), new char[0], chain);
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.setExecutor(workers);
        server.createContext("/echo", exchange -> {
            String field = exchange.getRequestHeaders().getFirst("X-Field");
            String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            exchange.getResponseHeaders().add("Cache-Control", "public, Max-Age=600");
            answer(exchange, 200, exchange.getRequestMethod() + " " + field + " " + body);
        });
        server.createContext("/moved", exchange -> {
            exchange.getResponseHeaders().add("Location", "/echo");
            answer(exchange, 302, "");
        });
        server.createContext("/slow", exchange -> {
            try {
                over.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            exchange.close();
        });
        server.start();
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        try (exchange) {
            exchange.sendResponseHeaders(status, text.isEmpty() ? -1 : text.length());
            exchange.getResponseBody().write(text.getBytes(UTF_8));
        }
    }

    @AfterEach
    void stop() throws InterruptedException {
        over.countDown();
        server.stop(0);
        workers.shutdownNow();
        assertThat(workers.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    private Https.Question question(String host, String path, String body, Duration limit, int most) {
        URI uri = URI.create("https://" + host + ":" + server.getAddress().getPort() + path);
        return new Https.Question(uri, List.of(new Https.Field("X-Field", "x")), body.getBytes(UTF_8), limit, most);
    }

    private Https.Question question(String path, String body) {
        return question("localhost", path, body, Duration.ofSeconds(10), 1000);
    }

    @Test
    void whatIsAskedIsAnswered() throws IOException {
        Https.Answer answer = https.ask(question("/echo", "token=a"));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(new String(answer.body(), UTF_8)).isEqualTo("POST x token=a");
        assertThat(answer.maxAge()).isEqualTo(Duration.ofMinutes(10));
        assertThat(new String(https.ask(question("/echo", "")).body(), UTF_8)).isEqualTo("GET x ");
    }

    @Test
    void noRedirectionIsFollowed() throws IOException {
        assertThat(https.ask(question("/moved", "")).status()).isEqualTo(302);
    }

    @Test
    void anAnswerThatIsTooLongOrTooLateIsNone() {
        assertThatThrownBy(() -> https.ask(question("localhost", "/echo", "long", Duration.ofSeconds(10), 5)))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> https.ask(question("localhost", "/slow", "", Duration.ofMillis(300), 1000)))
                .isInstanceOf(IOException.class);
    }

    @Test
    void aServerThatCannotProveItsNameIsNotAsked() {
        assertThatThrownBy(() -> https.ask(question("127.0.0.1", "/echo", "secret", Duration.ofSeconds(10), 1000)))
                .isInstanceOf(IOException.class);
        RealHttps stranger = new RealHttps(Optional.empty());
        assertThatThrownBy(() -> stranger.ask(question("/echo", "secret"))).isInstanceOf(IOException.class);
    }

    @Test
    void nothingGoesInClear() {
        Https.Question clear = new Https.Question(
                URI.create("http://localhost:1/"), List.of(), new byte[0], Duration.ofSeconds(1), 10);
        assertThatThrownBy(() -> https.ask(clear)).hasMessageContaining("not https");
    }
}
