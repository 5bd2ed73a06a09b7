# What the program does, in a minute: run by `make demo`. BIN is where cardstatus is installed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

show() {
    printf '\n$ cardstatus %s\n' "$*"
    "$BIN/cardstatus" "$@"
}

export CARDSTATUS_DB="$folder/demo.db"
show ingest sample_data
show get --card-id CRD1037
show get --mobile 0585550139
printf '\n$ cardstatus export | head -n 6\n'
"$BIN/cardstatus" export -o "$folder/cards.csv"
head -n 6 "$folder/cards.csv"

printf '\nAnd files as they come on a bad day, in a database of their own:\n'
export CARDSTATUS_DB="$folder/messy.db"
# Exit code 1: two of these files fail, as they should.
show ingest docs/examples/messy || true
show problems
