#!/bin/sh
# Requests per second and p50 of a small keyed answer, bare and with identify, admit, meter and the rest, side by side in one
# run; a release build of api/examples/hot_path.rs.
#
#   api/benches/hot_path.sh                      10 keys and 1,000,000 keys
#   SECS=2 ROUNDS=1 KEYS=10 api/benches/hot_path.sh     while developing
#   api/benches/hot_path.sh fairness             one party with 1,000 connections beside one with a single one
#
# Needs wrk. Where there are two cores or more, server and callers have cores of their own, so that what is measured is the
# server. Callers take their keys in turn from a list of up to 10,000. Rounds alternate between the variants, so that a noisy
# moment hits all of them; the median round is reported.
set -eu
cd "$(dirname "$0")/../.."
SECS=${SECS:-5} ROUNDS=${ROUNDS:-5} KEYS=${KEYS:-"10 1000000"}
command -v wrk >/dev/null || tests/tools/apt-install wrk
cargo build -q --locked --release -p fairground-api --example hot_path
server=${CARGO_TARGET_DIR:-target}/release/examples/hot_path
out=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null || true; rm -rf "$out"' EXIT

on_server='' on_callers=''
if [ "$(nproc)" -ge 2 ] && command -v taskset >/dev/null; then
    on_server='taskset -c 0' on_callers='taskset -c 1'
fi

cat > "$out/keys.lua" <<'LUA'
local requests, at = {}, 0
function init(args)
  for key in io.lines(args[1]) do
    if not args[2] or #requests < tonumber(args[2]) then
      requests[#requests + 1] = wrk.format("GET", nil, { ["X-Api-Key"] = key })
    end
  end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
LUA

# start KEYS [default-tariff]: sets address and keys.
start() {
    rm -f "$out/hello"
    $on_server "$server" "$1" 1 ${2:-} > "$out/hello" &
    pid=$!
    until [ -s "$out/hello" ]; do sleep 0.1; done
    address=$(sed 's/.*"address":"\([^"]*\)".*/\1/' "$out/hello")
    keys=$(sed 's/.*"keys":"\([^"]*\)".*/\1/' "$out/hello")
}

stop() {
    kill "$pid"
    wait "$pid" 2>/dev/null || true
    pid=
}

# call CONNECTIONS SECONDS PATH [HOW MANY KEYS]
call() {
    $on_callers wrk -t1 -c"$1" -d"$2s" --latency -s "$out/keys.lua" "http://$address$3" -- "$keys" ${4:-}
}

micros() { awk -v at=" $1%" 'index($0, at) { v = $2; print v ~ /us/ ? v + 0 : v ~ /ms/ ? v * 1000 : v * 1000000 }'; }
median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

if [ "${1:-}" = fairness ]; then
    # Few places, two milliseconds of work each, the default tariff: more than can be served, from one party.
    start 2 default-tariff
    tail -n 1 "$keys" > "$out/other"
    for round in $(seq "$ROUNDS"); do
        call_other() { $on_callers wrk -t1 -c1 -d"$SECS"s --latency -s "$out/keys.lua" "http://$address/busy/small" -- "$out/other"; }
        call_other | micros 99 >> "$out/alone.p99"
        call 1000 $((SECS + 2)) /busy/small 1 > "$out/crowd" &
        crowd=$!
        sleep 1
        call_other > "$out/wrk"
        wait "$crowd"
        micros 99 < "$out/wrk" >> "$out/beside.p99"
    done
    awk -v a="$(median "$out/alone.p99")" -v b="$(median "$out/beside.p99")" \
        'BEGIN { printf "p99 of a party with 1 connection: %.1f ms alone, %.1f ms beside a party with 1,000 connections (%.2f times)\n", a / 1000, b / 1000, b / a }'
    grep -E 'Requests/sec|Non-2xx' "$out/crowd" | sed 's/^ */  the other party: /'
    stop
    exit 0
fi

printf 'release build, 1 server worker, %s rounds of %s s, %s cores%s\n' "$ROUNDS" "$SECS" "$(nproc)" "${on_server:+ (server and callers pinned apart)}"
for count in $KEYS; do
    start "$count"
    for variant in bare hot all; do
        call 4 1 "/$variant/small" >/dev/null
    done
    for round in $(seq "$ROUNDS"); do
        for variant in bare hot all; do
            call 32 "$SECS" "/$variant/small" > "$out/wrk"
            grep -q 'Non-2xx' "$out/wrk" && { echo "refused calls in $variant" >&2; exit 1; }
            awk '/Requests\/sec/ { print $2 }' "$out/wrk" >> "$out/$variant.rps"
            call 1 "$SECS" "/$variant/small" | micros 50 >> "$out/$variant.p50"
        done
    done
    for variant in bare hot all; do
        rps=$(median "$out/$variant.rps") p50=$(median "$out/$variant.p50")
        [ "$variant" = bare ] && { base_rps=$rps base_p50=$p50; }
        awk -v k="$count" -v v="$variant" -v r="$rps" -v p="$p50" -v br="$base_rps" -v bp="$base_p50" \
            'BEGIN { printf "%8d keys  %-5s %9.0f requests/s (%+.1f %%)   p50 at 1 connection %6.1f us (%+.1f us)\n", k, v, r, (r / br - 1) * 100, p, p - bp }'
    done
    stop
    rm -f "$out"/*.rps "$out"/*.p50
done
