#!/bin/sh
# Runs the tests under each Python of the classifiers that is on this machine, and names the
# others. Fails only where tests fail. Arguments go to pytest: `make matrix ARGS="tests/rules"`.
set -u
cd "$(dirname "$0")/.."

# On PATH or of pyenv, whose "python3.12" may be there and lead nowhere.
python_of() {
    for candidate in "python$1" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1".*/bin/python; do
        if "$candidate" -c "import ensurepip, sys; assert '%d.%d' % sys.version_info[:2] == '$1'" 2>/dev/null
        then
            echo "$candidate"
            return
        fi
    done
    return 1
}

outcomes= failed=0
for version in $(sed -n 's/.*"Programming Language :: Python :: \(3\.[0-9]*\)".*/\1/p' pyproject.toml)
do
    if ! python=$(python_of "$version"); then
        outcomes="$outcomes$version: not on this machine
"
        continue
    fi
    venv=.matrix/$version
    echo "== $version: $("$python" --version), in $venv"
    if "$python" -m venv "$venv" &&
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --editable '.[dev]' &&
        "$venv/bin/python" -m pytest -p no:cacheprovider "$@"
    then
        outcomes="$outcomes$version: passed
"
    else
        outcomes="$outcomes$version: failed
"
        failed=1
    fi
done
printf '\n%s' "$outcomes"
exit $failed
