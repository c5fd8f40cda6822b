#!/bin/sh
# Requests per second and p50 of a small answer, with and without identify, admit and meter, side by side in one run.
#
#   api/benches/hot_path.sh            release, 10 keys and 1,000,000 keys
#   PROFILE=quick SECS=3 ROUNDS=1 …    while developing
#
# Needs wrk. Rounds alternate between the variants, so that a noisy moment hits all of them; the median round is reported.
set -eu
cd "$(dirname "$0")/../.."
PROFILE=${PROFILE:-release} SECS=${SECS:-5} ROUNDS=${ROUNDS:-5} KEYS=${KEYS:-"10 1000000"} WORKERS=${WORKERS:-2}
cargo build -q -p fairground-api --example hot_path --profile "$PROFILE"
server="${CARGO_TARGET_DIR:-target}/$PROFILE/examples/hot_path"
out=$(mktemp -d)
trap 'kill "$pid" 2>/dev/null || true; rm -rf "$out"' EXIT

median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

printf 'profile %s, %s server workers, %s rounds of %s s, %s cores\n' "$PROFILE" "$WORKERS" "$ROUNDS" "$SECS" "$(nproc)"
for keys in $KEYS; do
    "$server" "$keys" "$WORKERS" > "$out/hello" &
    pid=$!
    until [ -s "$out/hello" ]; do sleep 0.1; done
    address=$(sed 's/.*"address":"\([^"]*\)".*/\1/' "$out/hello")
    key=$(sed 's/.*"key":"\([^"]*\)".*/\1/' "$out/hello")
    for variant in bare hot all; do
        curl -fsS -o /dev/null -H "X-Api-Key: $key" "http://$address/$variant/small"
    done
    for round in $(seq "$ROUNDS"); do
        for variant in bare hot all; do
            wrk -t1 -c32 -d"${SECS}s" -H "X-Api-Key: $key" "http://$address/$variant/small" > "$out/wrk"
            awk '/Requests\/sec/ { print $2 }' "$out/wrk" >> "$out/$variant.rps"
            grep -q 'Non-2xx' "$out/wrk" && { echo "refused calls in $variant" >&2; exit 1; }
            wrk -t1 -c1 -d"${SECS}s" --latency -H "X-Api-Key: $key" "http://$address/$variant/small" \
                | awk '/ 50%/ { v = $2; if (v ~ /us/) print v + 0; else if (v ~ /ms/) print v * 1000 }' >> "$out/$variant.p50"
        done
    done
    for variant in bare hot all; do
        rps=$(median "$out/$variant.rps") p50=$(median "$out/$variant.p50")
        [ "$variant" = bare ] && { base_rps=$rps base_p50=$p50; }
        awk -v k="$keys" -v v="$variant" -v r="$rps" -v p="$p50" -v br="$base_rps" -v bp="$base_p50" \
            'BEGIN { printf "%8d keys  %-5s %9.0f requests/s (%+.1f %%)   p50 at 1 connection %6.1f us (%+.1f us)\n", k, v, r, (r / br - 1) * 100, p, p - bp }'
    done
    kill "$pid"; wait "$pid" 2>/dev/null || true
    rm -f "$out"/*.rps "$out"/*.p50 "$out/hello"
done
