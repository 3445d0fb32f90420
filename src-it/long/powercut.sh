#!/usr/bin/env bash
# Images of power cuts (PowerCuts, see docs/reliability.md), as many as time allows: chunk after chunk, each with a recording and a seed
# of its own; may be stopped and started again at any time. Stops at the first chunk that is wrong and keeps its recording.
#
#   powercut.sh run IMAGES [STATE]    goes on to so many images in all; STATE is a directory, src-it/target/long/powercut at first
#   powercut.sh table [STATE]         what there is
#
# Settings (environment): CHUNK=2000 images, LETTERS=400 promised in each of a recording's two runs, BOOTS=2 starts on an image, NICE=10, POWERCUT_CLASSPATH.
# Needs strace, and what `mvn package -DskipUnitTests` has built (or in POWERCUT_CLASSPATH
# the classes, test classes and libraries, as in the siblings); no root. STATE lies on the disk that is to be tried.
# STATE/chunks.tsv: seed, images, messages in them, lines of the record, forces, promised, problems, forces left out and noticed, seconds, revision.
set -euo pipefail
. "$(dirname "$0")/chunks.sh"

chunk() { # chunk SEED IMAGES
    local line began=$SECONDS
    if ! nice -n "${NICE:-10}" "$java" -Xmx2g --enable-native-access=ALL-UNNAMED -Dhikyaku.root="$top" -cp "${POWERCUT_CLASSPATH:-$(classpath)}" \
        org.hikyaku.powercut.PowerCuts "$2" "$1" "${LETTERS:-400}" "${BOOTS:-2}" "$state/recording" > "$state/now.out" 2>&1; then
        tail -40 "$state/now.out" >&2
        echo "the record is kept: mvn -Ppeers verify -DskipUnitTests -Dit.test=PowerCutPeersIT -Dpowercut.replay=$state/recording" >&2
        exit 1
    fi
    line=$(grep -a '^cuts' "$state/now.out")
    echo "$line" | awk -v OFS='\t' -v seed="$1" -v s=$((SECONDS - began)) \
        -v rev="$(revision)" \
        '{ print seed, $2, $3, $4, $5, $6, $7, $8, s, rev }' | tee -a "$state/chunks.tsv"
}

run() { count_to "$1" "${CHUNK:-2000}"; }

table() {
    echo '| records | lines | forces | letters promised | images | messages in them | problems |'
    echo '|---|---|---|---|---|---|---|'
    echo "| $(wc -l < "$state/chunks.tsv") | $(sum 4) | $(sum 5) | $(sum 6) | $(sum 2) | $(sum 3) | $(sum 7) |"
}

begin powercut "$@"
