# Sourced by the other scripts: a virtual environment in .venv of the repository.

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

# use_venv EXTRA: install this package with the packages of an extra in setup.cfg
# and put .venv first on PATH. Nothing is done twice while setup.cfg stays the same.
use_venv() {
    local extra="$1" venv="$root/.venv" python="${PYTHON:-python3.11}"
    local stamp="$venv/installed-$extra"
    # An editable installation knows the folder it was made in.
    local state="$root $(cksum < "$root/setup.cfg")"

    if [ "$(cat "$stamp" 2> /dev/null)" != "$state" ]; then
        if ! command -v "$python" > /dev/null; then
            echo "$python not found: install Python 3.11, or set PYTHON." >&2
            return 1
        fi
        echo "Installing the packages of '$extra' into .venv: minutes the first time."
        "$python" -m venv "$venv"
        "$venv/bin/python" -m pip install --quiet --editable "$root[$extra]"
        echo "$state" > "$stamp"
    fi
    export PATH="$venv/bin:$PATH"
}
