#!/usr/bin/env bash
# A first run from a fresh clone: a virtual environment with CPU packages, then the
# recipe's quick preset, which downloads no data. Arguments go to the recipe:
#
#     bash tools/quickstart.sh --output_dir=runs/first
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/venv.sh"
use_venv quickstart

cd "$root"
export KERAS_BACKEND=tensorflow
export TF_CPP_MIN_LOG_LEVEL="${TF_CPP_MIN_LOG_LEVEL:-3}"
exec python recipes/horse2zebra.py --preset=quick "$@"
