#!/usr/bin/env bash
# Compares t2s with the sqlite3 shell on the same statements, in one run, in turn, and checks that both say the same.
#
#   benches/compare_sqlite3.sh [--runs N] [--t2s PROGRAM] [--export DB SQL] [--aggregate DB SQL]
#
# For example, on the shops that `t2s demo --scale medium|large --out FILE` writes:
#
#   benches/compare_sqlite3.sh --export medium.db 'SELECT * FROM sales LIMIT 1000000' \
#       --aggregate large.db 'SELECT store_id, count(*), sum(revenue) FROM sales GROUP BY store_id'
#
# Prints the median time of each, the median of the ratios pair by pair, and the peak memory of t2s. Ends with code 1 if
# a target is missed (export: 0.8 of the shell's time and under 50 MB; aggregation: 1.05) or the contents differ.
# Needs sqlite3, python3 and GNU time.
set -euo pipefail

runs=5
t2s=target/release/t2s
export_db='' export_sql='' aggregate_db='' aggregate_sql=''
while [ $# -gt 0 ]; do
    case $1 in
    --runs) runs=$2; shift 2 ;;
    --t2s) t2s=$2; shift 2 ;;
    --export) export_db=$2 export_sql=$3; shift 3 ;;
    --aggregate) aggregate_db=$2 aggregate_sql=$3; shift 3 ;;
    *) sed -n '2,13s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
    esac
done
for program in "$t2s" sqlite3 python3 /usr/bin/time; do
    command -v "$program" >/dev/null || { echo "$program is needed" >&2; exit 2; }
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
missed=0

bundled=$(cat "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/libsqlite3-sys-*/sqlite3/sqlite3.h 2>/dev/null |
    sed -n 's/^#define SQLITE_VERSION  *"\(.*\)"/\1/p' | sort -V | tail -1)
echo "sqlite3 shell $(sqlite3 --version | cut -d' ' -f1), t2s with SQLite ${bundled:-of unknown version}, $(nproc) cores, $runs runs"

# Runs a command with its output in a file; prints seconds and peak kilobytes.
timed() {
    local output=$1 begun ended
    shift
    begun=$EPOCHREALTIME
    /usr/bin/time -f %M -o "$work/memory" "$@" >"$output" 2>"$work/stderr" || { cat "$work/stderr" >&2; exit 1; }
    ended=$EPOCHREALTIME
    echo "$(awk -v a="$begun" -v b="$ended" 'BEGIN { printf "%.4f", b - a }') $(tail -1 "$work/memory")"
}

ours() {
    if [ "$1" = export ]; then
        timed /dev/null "$t2s" --offline -q --db "$2" sql "$3" --format csv -o "$work/ours.csv" --force --timeout 10m
    else
        timed "$work/ours.csv" "$t2s" --offline -q --db "$2" sql "$3" --format csv --timeout 10m
    fi
}

theirs() {
    timed "$work/theirs.csv" sqlite3 -readonly -csv -header "$2" "$3"
}

# Cell by cell; numbers by value: an older shell writes fifteen digits of them, and sums with more rounding error.
same() {
    python3 - "$work/ours.csv" "$work/theirs.csv" "$1" <<'PYTHON'
import csv, itertools, sys

near = float(sys.argv[3])

def same(a, b):
    if a == b:
        return True
    try:
        x, y = float(a), float(b)
    except ValueError:
        return False
    return abs(x - y) <= near * max(abs(x), abs(y))

csv.field_size_limit(1 << 30)
rows = 0
with open(sys.argv[1], newline="", encoding="utf-8") as one, open(sys.argv[2], newline="", encoding="utf-8") as two:
    for a, b in itertools.zip_longest(csv.reader(one), csv.reader(two)):
        if a is None or b is None or len(a) != len(b) or not all(map(same, a, b)):
            sys.exit(f"line {rows + 1} differs: {a} and {b}")
        rows += 1
print(f"  contents are the same: {rows} lines with the header")
PYTHON
}

compare() {
    local kind=$1 db=$2 sql=$3 near=$4 target=$5 memory_target=$6 n line
    echo "$kind: $sql"
    ours "$kind" "$db" "$sql" >/dev/null
    theirs "$kind" "$db" "$sql" >/dev/null
    same "$near" || missed=1
    : >"$work/pairs"
    for ((n = 0; n < runs; n++)); do
        # Who goes first changes from pair to pair.
        if ((n % 2 == 0)); then
            a=$(ours "$kind" "$db" "$sql")
            b=$(theirs "$kind" "$db" "$sql")
        else
            b=$(theirs "$kind" "$db" "$sql")
            a=$(ours "$kind" "$db" "$sql")
        fi
        echo "$a $b" >>"$work/pairs"
    done
    line=$(python3 - "$work/pairs" "$target" "$memory_target" <<'PYTHON'
import statistics, sys

pairs = [[float(word) for word in line.split()] for line in open(sys.argv[1])]
ours, memory, theirs, their_memory = ([pair[n] for pair in pairs] for n in range(4))
ratio = statistics.median(a / b for a, b in zip(ours, theirs))
peak = max(memory) / 1000
target, memory_target = float(sys.argv[2]), float(sys.argv[3])
word = lambda met: "met" if met else "MISSED"
print(f"  ours {statistics.median(ours):.3f} s, shell {statistics.median(theirs):.3f} s "
      f"(ours {min(ours):.3f} to {max(ours):.3f}, shell {min(theirs):.3f} to {max(theirs):.3f})")
print(f"  ratio {ratio:.3f}  target <= {target}: {word(ratio <= target)}")
print(f"  peak memory {peak:.1f} MB, shell {max(their_memory) / 1000:.1f} MB"
      + (f"  target < {memory_target:.0f} MB: {word(peak < memory_target)}" if memory_target else ""))
PYTHON
    )
    echo "$line"
    case $line in *MISSED*) missed=1 ;; esac
}

[ -z "$export_sql" ] || compare export "$export_db" "$export_sql" 1e-14 0.8 50
[ -z "$aggregate_sql" ] || compare aggregate "$aggregate_db" "$aggregate_sql" 1e-9 1.05 0
exit "$missed"
