#!/bin/sh
# Builds the image on a base of Debian's own packages, where no registry of images is needed, and tries
# it: sample data in, answers, a server that passes its health check. A minute or two.
set -eu
cd "$(dirname "$0")/.."

if ! command -v mmdebstrap >/dev/null || ! command -v buildah >/dev/null; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "image-test: skipped: it needs mmdebstrap and buildah, which only root on Debian can install here"
        exit 0
    fi
    apt-get update -qq
    if ! apt-get install -qq --yes --no-install-recommends mmdebstrap buildah >/dev/null; then
        echo "image-test: skipped: mmdebstrap and buildah cannot be installed here"
        exit 0
    fi
fi

work=$(mktemp -d)
server=
cleanup() {
    [ -z "$server" ] || kill -- "-$server" 2>/dev/null || true
    build_tool rm --all >/dev/null 2>&1 || true
    rm -rf "$work"
}
build_tool() {
    buildah --root "$work/storage" --runroot "$work/run" --storage-driver vfs "$@"
}
trap cleanup EXIT
trap 'exit 130' INT TERM
say() { echo "image-test: $*"; }
fail() { say "FAILED: $*"; exit 1; }

suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
say "a base of Debian $suite"
mmdebstrap --quiet --variant=minbase --include=python3,python3-venv "$suite" "$work/base.tar"
base=$(build_tool from scratch)
build_tool add "$base" "$work/base.tar" /
build_tool commit --quiet "$base" localhost/base >/dev/null
rm "$work/base.tar"
version=$(build_tool run --isolation chroot "$base" -- \
    python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')

say "wheels for Python $version"
pip=${PIP:-python3 -m pip}
PIP_CONSTRAINT=constraints.txt $pip download --quiet --quiet --dest "$work/wheels" \
    --python-version "$version" --only-binary=:all: hatchling \
    $(python3 -c '
import tomllib
project = tomllib.load(open("pyproject.toml", "rb"))["project"]
extras = project["optional-dependencies"]
print(*(w.replace(" ", "") for w in project["dependencies"] + extras["watch"] + extras["web"]))')

say "the image"
build_tool bud --quiet --isolation chroot --build-arg BASE=localhost/base \
    --build-arg PIP_OPTIONS="--no-index --find-links /wheels" \
    --volume "$work/wheels:/wheels:ro" --ignorefile .containerignore --tag cardstatus . >/dev/null

mkdir "$work/data" "$work/data/drops" "$work/data/done"
cp -R sample_data "$work/data/drops/"
openssl rand -hex 32 > "$work/token"
chmod 600 "$work/token"
chown -R 10001:10001 "$work/data" "$work/token"
container=$(build_tool from localhost/cardstatus)
inside() {
    build_tool run --isolation chroot --volume "$work/data:/data" \
        --volume "$work/token:/run/secrets/token:ro" "$container" -- "$@"
}

[ "$(inside id -u)" = 10001 ] || fail "it runs as root"
writable=$(inside find / -xdev -path /proc -prune -o -path /sys -prune -o -path /dev -prune \
    -o -path /data -prune -o -path /tmp -prune -o -path /var/tmp -prune \
    -o -path /run/lock -prune -o -writable ! -type l -print 2>/dev/null || true)
[ -z "$writable" ] || fail "places that can be written to: $writable"
say "not root, and nothing outside of /data to write to"

inside cardstatus watch /data/drops --archive /data/done --once --settle 0 > "$work/taken" || [ $? = 3 ]
grep -q ' ingested ' "$work/taken" || fail "nothing was taken in: $(cat "$work/taken")"
[ -z "$(find "$work/data/drops" -name '*.csv')" ] || fail "files were not moved to the archive"
say "taken in: $(grep -c ' ingested ' "$work/taken") files"
inside cardstatus get CRD1037 --format csv 2>/dev/null | grep '^CRD1037,delivered,' || fail "no answer"

# A container in a chroot shares the machine's network, where 8001 may be taken. In a session of its
# own, so that all of it can be ended.
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("", 0)); print(s.getsockname()[1])')
setsid buildah --root "$work/storage" --runroot "$work/run" --storage-driver vfs \
    run --isolation chroot --volume "$work/data:/data" --volume "$work/token:/run/secrets/token:ro" \
    "$container" -- cardstatus serve --host 0.0.0.0 --port "$port" \
    --token-file /run/secrets/token > "$work/served" 2>&1 &
server=$!
healthy=
for _ in $(seq 60); do
    if healthy=$(inside healthcheck /run/secrets/token "$port" 2>"$work/health"); then break; fi
    kill -0 "$server" 2>/dev/null || fail "the server ended: $(cat "$work/served")"
    sleep 0.5
done
[ -n "$healthy" ] || fail "not healthy: $(cat "$work/health" "$work/served")"
say "healthy: $healthy"
echo "wrong-but-long-enough" > "$work/data/wrong"
chown 10001 "$work/data/wrong"
if inside healthcheck /data/wrong "$port" 2>/dev/null; then fail "another token is taken"; fi
say "passed"
