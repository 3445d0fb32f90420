package org.hikyaku.tls;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.hikyaku.config.Config;
import org.hikyaku.world.Clock;
import org.hikyaku.world.Disk;
import org.hikyaku.world.Event;
import org.hikyaku.world.Events;
import org.hikyaku.world.FileTrouble;

/**
 * Reads the keys that the configuration names and checks that they can serve.
 *
 * <p><i>Failure:</i> nothing is thrown for a bad file: {@link Loaded#problems} has one line for each, all at once, which
 * names the file and what is wrong with it; the keys without a problem are there beside it.
 */
public final class KeyLoader {
    private static final int FILE_MAX = 1 << 20;

    private final Disk disk;
    private final Clock clock;

    public KeyLoader(Disk disk, Clock clock) {
        this.disk = disk;
        this.clock = clock;
    }

    /** What was read. */
    public record Loaded(Keys keys, List<String> problems) {
        /** Logs what was loaded and what expires. */
        public void report(Events events, Clock clock) {
            for (ServerKey key : keys.all()) {
                events.emit(
                        Event.CERTIFICATE_LOADED,
                        key.file(),
                        key.subject(),
                        key.leaf().getNotAfter().toInstant());
            }
            keys.warnOfExpiry(events, clock.now());
        }
    }

    /**
     * Reads all keys of {@code tls}.
     *
     * @param ownKey the file of {@link FirstCertificate}, used where {@code tls} names no certificate
     */
    public Loaded load(Config.Tls tls, Path ownKey) {
        List<Config.KeyPairFiles> pairs = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        if (tls.certificate().isPresent() != tls.key().isPresent()) {
            problems.add("tls: certificate and key must be set together, or neither");
        } else {
            pairs.add(new Config.KeyPairFiles(
                    tls.certificate().orElse(ownKey), tls.key().orElse(ownKey)));
        }
        pairs.addAll(tls.names());
        List<ServerKey> keys = new ArrayList<>();
        pairs.forEach(pair -> readPair(pair, problems).ifPresent(keys::add));
        List<X509Certificate> authorities = tls.clientAuthorities()
                .map(file -> readAuthorities(file, problems))
                .orElse(List.of());
        return new Loaded(new Keys(keys, tls.versionMin(), authorities), List.copyOf(problems));
    }

    private List<X509Certificate> readAuthorities(Path file, List<String> problems) {
        List<X509Certificate> found =
                readFile(file, problems).map(PemFile::certificates).orElse(List.of());
        if (found.isEmpty() && problems.stream().noneMatch(problem -> problem.startsWith(file.toString()))) {
            problems.add(file + ": no certificate in it (PEM, BEGIN CERTIFICATE)");
        }
        for (X509Certificate authority : found) {
            if (authority.getBasicConstraints() < 0) {
                problems.add(file + ": " + authority.getSubjectX500Principal() + " is no authority's certificate");
            }
        }
        return found;
    }

    private Optional<ServerKey> readPair(Config.KeyPairFiles pair, List<String> problems) {
        int before = problems.size();
        Optional<PemFile> certificates = readFile(pair.certificate(), problems);
        boolean oneFile = pair.certificate().equals(pair.key());
        Optional<PemFile> keys = oneFile ? certificates : readFile(pair.key(), problems);
        certificates
                .filter(pem -> pem.certificates().isEmpty())
                .ifPresent(pem -> problems.add(pair.certificate() + ": no certificate in it (PEM, BEGIN CERTIFICATE)"));
        keys.filter(pem -> pem.keys().size() != 1)
                .ifPresent(pem -> problems.add(pair.key() + ": "
                        + (pem.keys().isEmpty() ? "no private key in it (PEM)" : "more than one private key in it")));
        if (problems.size() > before) {
            return Optional.empty();
        }
        List<X509Certificate> chain = certificates.orElseThrow().certificates();
        PrivateKey key = keys.orElseThrow().keys().getFirst();
        misfit(pair, key, chain).ifPresent(problems::add);
        return problems.size() > before ? Optional.empty() : Optional.of(new ServerKey(pair.certificate(), key, chain));
    }

    private Optional<PemFile> readFile(Path file, List<String> problems) {
        try {
            return Optional.of(PemFile.parse(disk.readAll(file, FILE_MAX)));
        } catch (NoSuchFileException e) {
            problems.add(file + ": no such file");
        } catch (IOException e) {
            problems.add(file + ": " + FileTrouble.why(e));
        }
        return Optional.empty();
    }

    private Optional<String> misfit(Config.KeyPairFiles pair, PrivateKey key, List<X509Certificate> chain) {
        X509Certificate leaf = chain.getFirst();
        if (algorithm(key).isEmpty()) {
            return Optional.of(pair.key() + ": a key of type " + key.getAlgorithm() + " is of no use for TLS");
        }
        if (!fits(key, leaf.getPublicKey())) {
            boolean later = chain.stream().skip(1).anyMatch(above -> fits(key, above.getPublicKey()));
            return Optional.of(pair.certificate() + ": "
                    + (later
                            ? "our own certificate must be the first in the file, its issuers after it"
                            : "the certificate does not belong to the key " + pair.key()));
        }
        if (leaf.getNotBefore().toInstant().isAfter(clock.now())) {
            return Optional.of(pair.certificate() + ": not valid before "
                    + leaf.getNotBefore().toInstant());
        }
        return Optional.empty();
    }

    private static Optional<String> algorithm(PrivateKey key) {
        return switch (key.getAlgorithm()) {
            case "RSA" -> Optional.of("SHA256withRSA");
            case "EC", "ECDSA" -> Optional.of("SHA256withECDSA");
            case "EdDSA", "Ed25519" -> Optional.of("EdDSA");
            default -> Optional.empty();
        };
    }

    /** Signs with the one and verifies with the other. */
    private static boolean fits(PrivateKey key, PublicKey certified) {
        byte[] sample = {1, 2, 3, 4};
        try {
            Signature signer = Signature.getInstance(algorithm(key).orElseThrow());
            signer.initSign(key);
            signer.update(sample);
            byte[] signed = signer.sign();
            signer.initVerify(certified);
            signer.update(sample);
            return signer.verify(signed);
        } catch (GeneralSecurityException e) {
            return false; // of another kind
        }
    }
}
