#!/bin/sh
# Prints a Python >= 3.12, 3.13 preferred (the functions' runtime). Tries each candidate by running it:
# a shim of pyenv may stand on PATH for a version that is not switched on.
set -u

works() {
    "$1" -c "import sys; sys.exit(not (sys.version_info[:2] $2))" >/dev/null 2>&1
}

candidates() {
    for name in python3.13 python3 python3.12 python3.14 python; do
        command -v "$name" 2>/dev/null
    done
    for folder in "${PYENV_ROOT:-$HOME/.pyenv}"/versions "$HOME"/.local/share/uv/python /opt/*python* /opt/hostedtoolcache/Python; do
        for python in "$folder"/*/bin/python3 "$folder"/*/*/bin/python3 "$folder"/bin/python3; do
            [ -x "$python" ] && echo "$python"
        done
    done
    command -v uv >/dev/null 2>&1 && uv python find '>=3.12' 2>/dev/null
}

for wanted in "== (3, 13)" ">= (3, 12)"; do
    IFS='
'
    for python in $(candidates); do
        if works "$python" "$wanted"; then
            echo "$python"
            exit 0
        fi
    done
done
echo "No Python 3.12 or newer was found. Install Python 3.13 (python.org, pyenv, or your system's packages)." >&2
exit 1
