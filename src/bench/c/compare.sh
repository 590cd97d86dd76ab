#!/usr/bin/env bash
# Samband on running servers against cref, one after the other in every round; prints the medians and, as x, what they are
# against cref's.
#   usage: src/bench/c/compare.sh wildfly=8081 payara=8082      (names are yours; needs target/cref and target/ssebench)
#   N="1000 5000 10000" ROUNDS=3 WARM=60                        (WARM: seconds of saturated load first; what a JVM compiles
#                                                                in its first minute is no cost of a delivery)
set -euo pipefail
cd "$(dirname "$0")/../../../target"
raw=bench/compare.jsonl
mkdir -p bench
: >$raw

./cref 18200 >/dev/null &
trap 'kill %1' EXIT
sleep 1

pid_at() { ss -ltnpH "sport = :$1" | grep -oE 'pid=[0-9]+' | head -1 | cut -d= -f2; }

run() { # target port label options...
  local target=$1 port=$2 label=$3
  shift 3
  local how=(--path /api/sse --pub-path /api/sse/events --body '{"type":"bench","data":{"t":%T,"n":%N,"p":"%P"}}')
  [[ $target == cref ]] && how=(--path /events --pub-path /pub)
  ./ssebench --port "$port" --pid "$(pid_at "$port")" --label "$label $target" "${how[@]}" "$@"
}

load() { # load clients: what ssebench is told
  case $1 in
    rate) echo "-n $2 -m 50 --rate 5" ;;
    saturated) echo "-n $2 --sat --secs 6 --window 64" ;;
    stalled-0) echo "-n $2 --stalled 0 --size 64000 -m 200 --rate 20" ;;
    stalled-5) echo "-n $2 --stalled 5 --size 64000 -m 200 --rate 20" ;;
  esac
}

for ((warmed = 0; warmed < ${WARM:-60}; warmed += 7)); do
  for target in "$@"; do
    # shellcheck disable=SC2046
    run "${target%=*}" "${target#*=}" warm $(load saturated 5000) >/dev/null
  done
done

for ((round = 1; round <= ${ROUNDS:-3}; round++)); do
  for load in rate saturated stalled-0 stalled-5; do
    for n in $([[ $load == stalled* ]] && echo 200 || echo "${N:-1000 5000 10000}"); do
      for target in cref=18200 "$@"; do
        # shellcheck disable=SC2046
        run "${target%=*}" "${target#*=}" "$load $n" $(load "$load" "$n") >>$raw
        sleep 2
      done
    done
  done
done

awk '
  function field(name,  rest) { rest = substr($0, index($0, "\"" name "\":") + length(name) + 3); return rest + 0 }
  function latency(name,  rest) { rest = substr($0, index($0, "\"lat_ms\":")); rest = substr(rest, index(rest, "\"" name "\":") + length(name) + 3); return rest + 0 }
  function median(key,  i, j, n, v, t) {
    n = split(values[key], v, " ")
    for (i = 2; i <= n; i++) for (j = i; j > 1 && v[j] + 0 < v[j - 1] + 0; j--) { t = v[j]; v[j] = v[j - 1]; v[j - 1] = t }
    return v[int((n + 1) / 2)] + 0
  }
  { split($0, quoted, "\""); label = quoted[4]
    if (!(label in seen)) { seen[label] = 1; order[++labels] = label }
    values[label, "cpu"] = values[label, "cpu"] " " field("cpu_s_per_1M")
    values[label, "rate"] = values[label, "rate"] " " field("deliveries_per_s")
    values[label, "p50"] = values[label, "p50"] " " latency("p50")
    values[label, "p99"] = values[label, "p99"] " " latency("p99")
    lost[label] += (field("loss_pct") > 0 || field("pub_hanging") > 0) }
  END {
    print "| load | N | | CPU s per million | CPU × | deliveries/s | deliveries/s × | p50 ms | p50 × | p99 ms | runs with a loss |"
    print "|---|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|"
    for (i = 1; i <= labels; i++) {
      split(order[i], part, " "); cref = part[1] " " part[2] " cref"
      printf "| %s | %s | %s | %.2f | %.2f | %d | %.1f | %.1f | %.2f | %.1f | %d |\n", part[1], part[2], part[3], \
        median(order[i] SUBSEP "cpu"), median(order[i] SUBSEP "cpu") / median(cref SUBSEP "cpu"), \
        median(order[i] SUBSEP "rate"), median(order[i] SUBSEP "rate") / median(cref SUBSEP "rate"), \
        median(order[i] SUBSEP "p50"), median(order[i] SUBSEP "p50") / median(cref SUBSEP "p50"), \
        median(order[i] SUBSEP "p99"), lost[order[i]]
    }
  }' $raw
