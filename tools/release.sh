#!/bin/sh
# Checks, builds and tags a release: `make release VERSION=1.2.3`. Publishes nothing.
# docs/releasing.md says what comes before and after.
set -eu
cd "$(dirname "$0")/.."
version=${1-}
python=.venv/bin/python

fail() {
    echo "no release: $1" >&2
    exit 1
}

echo "$version" | grep -qxE '[0-9]+\.[0-9]+\.[0-9]+' || fail "say which: make release VERSION=1.2.3"
tag=v$version
[ -z "$(git status --porcelain)" ] || fail "there is something uncommitted; see git status"
if git rev-parse --quiet --verify "refs/tags/$tag" >/dev/null; then fail "there is a tag $tag"; fi
own=$($python -c 'import cardstatus; print(cardstatus.__version__)')
[ "$own" = "$version" ] || fail "src/cardstatus/__init__.py says $own"
title="## [$version] - $(date +%F)"
grep -qxF "$title" CHANGELOG.md || fail "CHANGELOG.md has no line '$title'"
awk -v title="$title" '/^## / { inside = $0 == title } inside && /^- / { found = 1 } END { exit !found }' \
    CHANGELOG.md || fail "CHANGELOG.md has nothing below '$title'"

make check
rm -rf dist
make build
wheel=dist/cardstatus-$version-py3-none-any.whl
[ "$(ls dist | wc -l)" -eq 2 ] && [ -f "$wheel" ] && [ -f "dist/cardstatus-$version.tar.gz" ] ||
    fail "dist/ has not the two files it should have: $(ls dist | tr '\n' ' ')"

# What an index would refuse in the metadata; `packaging` is what indexes use, too.
$python - "$wheel" "$version" <<'PYTHON'
import sys
import zipfile

from packaging.metadata import Metadata

wheel, version = sys.argv[1:]
name = f"cardstatus-{version}.dist-info/METADATA"
metadata = Metadata.from_email(zipfile.ZipFile(wheel).read(name), validate=True)
assert metadata.description_content_type == "text/markdown"
PYTHON

# As a user would have it today: in a place of its own, and not held by constraints.txt.
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
$python -m venv "$place/venv"
env -u PIP_CONSTRAINT -u PIP_BUILD_CONSTRAINT \
    "$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$wheel"
said=$("$place/venv/bin/cardstatus" --version)
[ "$said" = "cardstatus $version" ] || fail "the wheel's program says '$said'"
"$place/venv/bin/cardstatus" ingest sample_data --db "$place/cards.db" >/dev/null
"$place/venv/bin/cardstatus" get --card-id CRD1037 --db "$place/cards.db" --format csv |
    grep -q '^CRD1037,delivered,' || fail "the wheel's program does not know where CRD1037 is"

[ -z "$(git status --porcelain)" ] || fail "checking or building has changed files; see git status"
git tag --annotate "$tag" --message "cardstatus $version"
echo "tagged $tag; built dist/. Nothing is published: docs/releasing.md says how to go on."
