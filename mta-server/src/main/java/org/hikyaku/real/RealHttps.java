package org.hikyaku.real;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.hikyaku.world.Https;
import org.jspecify.annotations.Nullable;

/**
 * HTTPS by the JDK's client, which checks chain and name; the authorities are the host's, read at the first question.
 *
 * <p><i>Failure:</i> as {@link Https} says.
 */
public final class RealHttps implements Https {
    private static final Pattern MAX_AGE = Pattern.compile("max-age=([0-9]{1,9})");
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);

    private final Optional<Path> extraTrust;
    private final AtomicReference<@Nullable HttpClient> made = new AtomicReference<>();

    public RealHttps(Optional<Path> extraTrust) {
        this.extraTrust = extraTrust;
    }

    @Override
    public Answer ask(Question question) throws IOException {
        if (!"https".equals(question.uri().getScheme())) {
            throw new IOException("not https: " + question.uri());
        }
        HttpRequest.Builder request = HttpRequest.newBuilder(question.uri()).timeout(question.limit());
        question.fields().forEach(field -> request.header(field.name(), field.value()));
        if (question.body().length > 0) {
            request.POST(HttpRequest.BodyPublishers.ofByteArray(question.body()));
        }
        CompletableFuture<HttpResponse<byte[]>> coming = client().sendAsync(
                        request.build(),
                        HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), question.most()));
        HttpResponse<byte[]> answer = await(coming, question);
        return new Answer(answer.statusCode(), answer.body(), maxAge(answer));
    }

    private static HttpResponse<byte[]> await(CompletableFuture<HttpResponse<byte[]>> coming, Question question)
            throws IOException {
        try {
            return coming.get(question.limit().toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            coming.cancel(true);
            throw new IOException("no answer of " + question.uri().getHost() + " in time", e);
        } catch (ExecutionException e) {
            throw new IOException(question.uri().getHost() + ": " + e.getCause(), e);
        } catch (InterruptedException e) {
            coming.cancel(true);
            Thread.currentThread().interrupt();
            throw new IOException("ended while asking " + question.uri().getHost(), e);
        }
    }

    private static Duration maxAge(HttpResponse<byte[]> answer) {
        Matcher found = MAX_AGE.matcher(
                answer.headers().firstValue("Cache-Control").orElse("").toLowerCase(Locale.ROOT));
        return found.find() ? Duration.ofSeconds(Long.parseLong(found.group(1))) : Duration.ZERO;
    }

    private HttpClient client() throws IOException {
        HttpClient present = made.get();
        if (present != null) {
            return present;
        }
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {HostTrust.load(extraTrust)}, null);
            HttpClient fresh = HttpClient.newBuilder()
                    .sslContext(context)
                    .connectTimeout(CONNECT_LIMIT)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .build();
            if (made.compareAndSet(null, fresh)) {
                return fresh;
            }
            fresh.shutdownNow();
            return client();
        } catch (GeneralSecurityException e) {
            throw new IOException("no TLS: " + e.getMessage(), e);
        }
    }
}
