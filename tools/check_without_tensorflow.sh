#!/usr/bin/env bash
# Trains, resumes, evaluates and exports on PyTorch and JAX where TensorFlow is not
# installed: in a virtual environment of its own with the packages of the test set-up,
# but for TensorFlow and what belongs to it:
#
#     bash tools/check_without_tensorflow.sh              # both backends
#     bash tools/check_without_tensorflow.sh jax
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/venv.sh"
use_venv test

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
packages() { "$1" -c 'import sysconfig; print(sysconfig.get_path("purelib"))'; }
python -m venv --without-pip "$folder/venv"
from="$(packages python)"
to="$(packages "$folder/venv/bin/python")"
for path in "$from"/*; do
    case "${path##*/}" in
        # Their modules, and the folders by which `importlib.metadata` finds them.
        tensorflow* | keras_cv* | keras_core* | tf2onnx* | *crd_keras*) ;;
        *) ln -s "$path" "$to" ;;
    esac
done
export PATH="$folder/venv/bin:$PATH" PYTHONPATH="$root"
# Each of JAX' trainings is a process: what one compiles the others need not, however
# little it is.
export JAX_COMPILATION_CACHE_DIR="${JAX_COMPILATION_CACHE_DIR:-$root/.venv/jax-cache}"
export JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS=0

# What Keras takes where nothing is said. `crd` is this program.
crd=(python -c 'from crd_keras_command import main; main()')
if message="$(KERAS_BACKEND=tensorflow "${crd[@]}" settings 2>&1)"; then
    echo "The backend tensorflow is installed: $message" >&2
    exit 1
fi
[[ "$message" == "crd: KERAS_BACKEND must name an installed backend"* ]] ||
    { echo "$message" >&2; exit 1; }

[ $# -gt 0 ] || set -- torch jax
for backend in "$@"; do
    mkdir "$folder/$backend"
    KERAS_BACKEND="$backend" python -m tests.without_tensorflow "$folder/$backend"
    echo "On $backend everything works without TensorFlow."
done
