package org.hikyaku.main;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Holds the code to the package table of docs/architecture.md: the table is the rule, this only reads it. */
class ArchitectureTest {
    private static final String BASE = "org.hikyaku.";
    private static final Map<String, List<String>> LIBRARY_PACKAGES = Map.ofEntries(
            Map.entry("ICU4J", List.of("com.ibm.icu.")),
            Map.entry("typesafe config", List.of("com.typesafe.config.")),
            Map.entry("Bouncy Castle", List.of("org.bouncycastle.")),
            Map.entry("commons-codec", List.of("org.apache.commons.codec.")),
            Map.entry("Caffeine", List.of("com.github.benmanes.caffeine.")),
            Map.entry("Nimbus JOSE", List.of("com.nimbusds.")),
            Map.entry("RE2/J", List.of("com.google.re2j.")),
            Map.entry("dnsjava", List.of("org.xbill.DNS.")),
            Map.entry("Netty", List.of("io.netty.")),
            Map.entry("SLF4J", List.of("org.slf4j.")),
            Map.entry("Logback", List.of("ch.qos.logback.")),
            Map.entry("Jackson", List.of("tools.jackson.", "com.fasterxml.jackson.annotation.")),
            Map.entry("picocli", List.of("picocli.")),
            Map.entry("JUnit", List.of("org.junit.")),
            Map.entry("AssertJ", List.of("org.assertj.")));

    /** What only the makers of a World may touch. */
    private static final Set<String> OUTSIDE_TYPES = Set.of(
            "java.io.File",
            "java.io.FileInputStream",
            "java.io.FileOutputStream",
            "java.io.FileReader",
            "java.io.FileWriter",
            "java.io.RandomAccessFile",
            "java.nio.file.Files",
            "java.nio.channels.FileChannel",
            "java.nio.channels.SocketChannel",
            "java.nio.channels.ServerSocketChannel",
            "java.nio.channels.AsynchronousFileChannel",
            "java.net.Socket",
            "java.net.ServerSocket",
            "java.net.DatagramSocket",
            "java.net.NetworkInterface",
            "java.net.http.HttpClient",
            "java.net.URL",
            "java.lang.Thread",
            "java.lang.ThreadLocal",
            "java.lang.Process",
            "java.lang.ProcessBuilder",
            "java.lang.Runtime",
            "java.util.Timer",
            "java.util.Random",
            "java.util.concurrent.ThreadLocalRandom",
            "java.security.SecureRandom",
            "java.util.concurrent.ExecutorService",
            "java.util.concurrent.Executors",
            "java.util.concurrent.ForkJoinPool",
            "java.util.concurrent.CompletableFuture",
            "java.util.concurrent.CountDownLatch",
            "java.util.concurrent.Semaphore",
            "java.util.concurrent.LinkedBlockingQueue",
            "java.util.concurrent.ArrayBlockingQueue",
            "java.util.concurrent.locks.ReentrantLock",
            "java.util.concurrent.locks.ReentrantReadWriteLock",
            "java.util.concurrent.locks.Lock",
            "java.util.concurrent.locks.LockSupport");

    private static final Set<String> OUTSIDE_CALLS = Set.of(
            "java.time.Instant.now",
            "java.time.LocalDateTime.now",
            "java.time.ZonedDateTime.now",
            "java.time.OffsetDateTime.now",
            "java.time.Clock.systemUTC",
            "java.lang.System.currentTimeMillis",
            "java.lang.System.nanoTime",
            "java.lang.System.getenv",
            "java.lang.Math.random",
            "java.util.UUID.randomUUID",
            "java.util.Collections.shuffle",
            "java.net.InetAddress.getByName",
            "java.net.InetAddress.getAllByName",
            "java.net.InetAddress.getLocalHost",
            "java.lang.System.exit");

    private static final Set<String> MAKERS_OF_WORLDS = Set.of("real", "sim", "main");

    private record Row(String name, String module, Set<String> imports, boolean importsAll, List<String> libraries) {}

    private static Map<String, Row> table = Map.of();
    private static JavaClasses classes = new ClassFileImporter().importClasses();

    @BeforeAll
    static void read() throws IOException {
        table = readTable(Files.readAllLines(architecture()));
        classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .withImportOption(location -> !location.asURI().toString().matches(".*(Test|IT)(\\$.*)?\\.class"))
                .importPackages("org.hikyaku");
    }

    @Test
    void importsAreThoseOfTheTable() {
        Set<String> wrong = new TreeSet<>();
        for (JavaClass each : classes) {
            Row row = rowOf(each);
            for (Dependency dependency : each.getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass().getBaseComponentType();
                if (target.getPackageName().startsWith(BASE) && !row.importsAll()) {
                    String other = rowOf(target).name();
                    if (!other.equals(row.name()) && !row.imports().contains(other)) {
                        wrong.add(row.name() + " imports " + other + ": " + each.getName() + " -> " + target.getName());
                    }
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void librariesAreThoseOfTheTable() {
        Set<String> wrong = new TreeSet<>();
        for (JavaClass each : classes) {
            Row row = rowOf(each);
            for (Dependency dependency : each.getDirectDependenciesFromSelf()) {
                String target =
                        dependency.getTargetClass().getBaseComponentType().getName();
                if (!isPlatform(target) && !row.importsAll() && !isAllowedLibrary(row, target)) {
                    wrong.add(row.name() + " uses a library it may not: " + each.getName() + " -> " + target);
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void onlyTheMakersOfWorldsTouchTheOutside() {
        Set<String> wrong = new TreeSet<>();
        for (JavaClass each : classes) {
            if (MAKERS_OF_WORLDS.contains(rowOf(each).name())) {
                continue;
            }
            for (Dependency dependency : each.getDirectDependenciesFromSelf()) {
                String target =
                        dependency.getTargetClass().getBaseComponentType().getName();
                if (OUTSIDE_TYPES.contains(target)) {
                    wrong.add(each.getName() + " uses " + target);
                }
            }
            for (JavaAccess<?> access : each.getAccessesFromSelf()) {
                String target = access.getTargetOwner().getName() + "." + access.getName();
                if (OUTSIDE_CALLS.contains(target)) {
                    wrong.add(each.getName() + " calls " + target);
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void everyPackageHasItsRowAndEveryRowItsPackage() throws IOException {
        Set<String> rows = new TreeSet<>();
        table.values().forEach(row -> rows.add(row.module() + " " + row.name()));
        Set<String> there = new TreeSet<>();
        for (String module : List.of("mta-core", "mta-queue", "mta-dns", "mta-server")) {
            packages(module + "/src/main/java").forEach(each -> there.add(module + " " + each));
        }
        packages("mta-core/src/test/java").stream()
                .filter(each -> each.equals("sim"))
                .forEach(each -> there.add("mta-core " + each));
        assertThat(there).isEqualTo(rows);
    }

    @Test
    void everyPackageOfWhatTriesTheWholeHasItsRowToo() throws IOException {
        Set<String> rows = new TreeSet<>();
        cells(Files.readAllLines(architecture()), "| package of src-it | what it tries |")
                .forEach(cells -> rows.add(name(cells)));
        Set<String> there = new TreeSet<>(packages("src-it/src/main/java"));
        there.addAll(packages("src-it/src/test/java"));
        there.removeAll(table.keySet()); // a test of something inside, for which the whole is needed
        assertThat(there).isEqualTo(rows);
    }

    /** The packages that hold sources, without the base. */
    private static Set<String> packages(String sources) throws IOException {
        Path base = Objects.requireNonNull(
                        Objects.requireNonNull(architecture().getParent()).getParent())
                .resolve(sources)
                .resolve("org/hikyaku");
        try (Stream<Path> files = Files.walk(base)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .map(file -> base.relativize(Objects.requireNonNull(file.getParent()))
                            .toString()
                            .replace('/', '.'))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static boolean isPlatform(String name) {
        return name.startsWith(BASE)
                || name.startsWith("java.")
                || name.startsWith("javax.")
                || name.startsWith("org.jspecify.")
                || !name.contains(".");
    }

    private static boolean isAllowedLibrary(Row row, String target) {
        return row.libraries().stream()
                .flatMap(library -> LIBRARY_PACKAGES.getOrDefault(library, List.of()).stream())
                .anyMatch(target::startsWith);
    }

    private static Row rowOf(JavaClass each) {
        String name = each.getBaseComponentType().getPackageName().substring(BASE.length());
        Row row = table.get(name);
        if (row == null) {
            throw new AssertionError("package " + name + " has no row in docs/architecture.md");
        }
        return row;
    }

    private static Map<String, Row> readTable(List<String> lines) {
        Map<String, Row> rows = new LinkedHashMap<>();
        for (String[] cells : cells(lines, "| package | module | may import | libraries |")) {
            List<String> imports = words(cells[3]);
            rows.put(
                    name(cells),
                    new Row(
                            name(cells),
                            cells[2].strip(),
                            Set.copyOf(imports),
                            imports.contains("all"),
                            words(cells[4])));
        }
        assertThat(rows).hasSizeGreaterThan(10);
        return rows;
    }

    private static List<String[]> cells(List<String> lines, String head) {
        int start = lines.indexOf(head);
        assertThat(start).as(head).isNotNegative();
        return lines.subList(start + 2, lines.size()).stream()
                .takeWhile(line -> line.startsWith("|"))
                .map(line -> line.split("\\|", -1))
                .toList();
    }

    /** What stands before the first space. */
    private static String name(String[] cells) {
        return cells[1].strip().split(" ", 2)[0];
    }

    private static List<String> words(String cell) {
        List<String> out = new ArrayList<>();
        for (String word : cell.split(",", -1)) {
            if (!word.isBlank()) {
                out.add(word.strip());
            }
        }
        return out;
    }

    private static Path architecture() {
        Path here = Path.of("").toAbsolutePath();
        Path page = here.resolve("docs/architecture.md");
        return Files.exists(page) ? page : here.resolveSibling("docs").resolve("architecture.md");
    }
}
