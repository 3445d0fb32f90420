#!/usr/bin/env bash
# Takes out every call of force and forceDirectory of the main sources, one at a time, and runs the tests that should see it:
# a rule that no test defends is not a rule. Prints a table: where, what, the first test that fails; "nothing" is a test to write.
#
#   mutations.sh [STATE] [PATTERN]    all of them, or those whose file matches; what is in STATE/table.tsv is not done again
#
# Needs what `mvn verify -DskipUnitTests` has built and JUnit's console (its jar in CONSOLE, else looked for in ~/.m2, as AssertJ is);
# with MUTATIONS_CLASSPATH: the classes, test classes and libraries to use instead.
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
state=$(mkdir -p "${1:-$top/src-it/target/long/mutations}" && cd "${1:-$top/src-it/target/long/mutations}" && pwd)
pattern=${2:-.}
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
javac=${JAVA_HOME:+$JAVA_HOME/bin/}javac
# The newest jar of an artifact in the local repository.
jar() { find ~/.m2/repository/"$1" -name '*.jar' ! -name '*sources*' 2> /dev/null | sort -V | tail -1; }
console=${CONSOLE:-$(jar org/junit/platform/junit-platform-console-standalone)}
[ -n "$console" ] || { echo "JUnit's console is missing: set CONSOLE" >&2; exit 69; }
seeds=${MUTATIONS_SEEDS:-12}

classpath() {
    local out=$console:$(jar org/assertj/assertj-core):$(jar net/bytebuddy/byte-buddy) part
    for part in "$top"/*/target/test-classes "$top"/mta-server/target/dist/lib/*.jar; do
        out=$out:$part
    done
    echo "$out"
}
cp=${MUTATIONS_CLASSPATH:+$MUTATIONS_CLASSPATH:$console}
cp=${cp:-$(classpath)}

tests_of() { # tests_of FILE: the classes that should see it, fast ones first
    case $1 in
        */spool/*) echo spool.CrashStateTest spool.ForceFailedTest spool.DamagedStateTest spool.JournalSpoolTest spool.SpoolFailureTest spool.FullDiskTest spool.CompactionTest spool.CheckpointTest spool.SpoolWorkloadTest ;;
        */operate/*) echo operate.SuppressionsTest operate.OperateForceTest ;;
        */world/*) echo world.StateFileTest ;;
        */deliver/*) echo deliver.MaildirForceTest deliver.MaildirAgentTest deliver.MboxForceTest deliver.MboxAgentTest ;;
        */tls/*) echo tls.FirstCertificateTest ;;
        */table/*) echo table.UsersFileTest table.SrsKeysTest ;;
        */check/*) echo check.DecoySecretTest check.LoginCheckTest ;;
        */real/*) echo real.RealDiskTest ;;
    esac
}

run() { "$java" -Xmx1g -XX:TieredStopAtLevel=1 --add-opens java.base/java.lang=ALL-UNNAMED --enable-native-access=ALL-UNNAMED -cp "$state/classes:$cp" "$@"; }

first_failure() { # first_failure FILE: prints which test fails, or "nothing"
    local test found
    for test in $(tests_of "$1"); do
        run org.junit.platform.console.ConsoleLauncher execute --disable-banner --details=none \
            --select-class "org.hikyaku.$test" > "$state/now.out" 2>&1 || {
            found=$(grep -ao "className = '[^']*', methodName = '[^']*'" "$state/now.out" | head -1 |
                sed "s/.*\.\([A-Za-z]*\)', methodName = '\(.*\)'/\1.\2/")
            [ -z "$found" ] || { echo "$found"; return; }
        }
    done
    run org.hikyaku.town.SeedRange 1 "$seeds" > "$state/now.out" 2>&1 ||
        { awk -F '\t' '/^wrong/ { print "town, seed " $2; exit }' "$state/now.out"; return; }
    echo nothing
}

mutate() { # mutate FILE LINE
    local file=$1 line=$2 call
    call=$(sed -n "${line}s/^ *//p" "$top/$file")
    ! grep -qF "$file:$line	$call" "$state/table.tsv" || return 0
    rm -rf "$state/classes" "$state/source"
    mkdir -p "$state/classes" "$state/source"
    # kept for the compiler, who knows what it may throw, and never called
    sed "${line}s/^\( *\)\(.*;\)\(.*\)/\1if (false) { \2 }/" "$top/$file" > "$state/source/$(basename "$file")"
    "$javac" -proc:none -nowarn -parameters -d "$state/classes" -cp "$cp" "$state/source/$(basename "$file")" > "$state/now.out" 2>&1 ||
        { cat "$state/now.out" >&2; echo "does not compile: $file:$line" >&2; return 1; }
    printf '%s:%s\t%s\t%s\n' "$file" "$line" "$call" "$(first_failure "$file")" | tee -a "$state/table.tsv"
}

touch "$state/table.tsv"
while IFS=: read -r file line _; do
    mutate "$file" "$line"
done < <(cd "$top" && grep -rnE '^ *[A-Za-z.()]+\.(force|forceDirectory)\(.*\);' mta-*/src/main/java | grep -E "$pattern" | sort -t: -k1,1 -k2,2n)
echo
echo '| taken out | call | what then fails (first) |'
echo '|---|---|---|'
awk -F '\t' '{ sub(".*/", "", $1); printf "| %s | `%s` | %s |\n", $1, $2, $3 }' "$state/table.tsv"
