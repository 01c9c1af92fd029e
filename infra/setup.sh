#!/bin/sh
# Makes the developers' environment: sh infra/setup.sh .venv
# Finds a Python by itself, and needs neither uv nor anything else installed.
set -eu
cd "$(dirname "$0")/.."
venv=$1

python=$(sh infra/find-python.sh)
if ! [ -x "$venv/bin/python" ] || ! "$venv/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 12))'; then
    echo "making $venv with $python"
    if ! "$python" -m venv --clear "$venv" 2>/dev/null && ! uv venv --quiet --seed --clear --python "$python" "$venv"; then
        echo "This Python cannot make environments. On Debian or Ubuntu: apt-get install python3-venv" >&2
        exit 1
    fi
fi

echo "installing requirements/dev.txt"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
uv="$venv/bin/uv"
"$uv" pip sync --quiet --require-hashes --python "$venv/bin/python" requirements/dev.txt
"$uv" pip install --quiet --no-deps --no-build-isolation --python "$venv/bin/python" --editable .
