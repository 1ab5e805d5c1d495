#!/usr/bin/env bash
# The tests, once per backend, in a virtual environment of their own making:
#
#     bash tools/test.sh                                # everything, see below
#     bash tools/test.sh jax                            # one backend
#     bash tools/test.sh jax tests/losses -k angle      # arguments go to pytest
#
# Everything is ruff and mypy, then all three backends and, beside them, what
# tools/check_wheel.sh does with the last commit and tools/check_without_tensorflow.sh.
# Tests that are marked `any_backend` run once then, on PyTorch, and otherwise on each
# backend that was asked for.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/venv.sh"
use_venv test

cd "$root"
export TF_CPP_MIN_LOG_LEVEL="${TF_CPP_MIN_LOG_LEVEL:-3}"
failed=()

everything="$([ $# -eq 0 ] && echo yes || echo no)"
backends=(tensorflow jax torch)
case "${1:-}" in
    tensorflow | jax | torch)
        backends=("$1")
        shift
        ;;
esac
# The tests' tensors are small: one thread for each backend, and the backends side by
# side, take half the time of one after the other with all threads.
export OMP_NUM_THREADS=1 TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1
# Without it TensorFlow has no channels-first convolution on some processors.
export TF_ENABLE_ONEDNN_OPTS=1
# Many tests compile the same step: JAX need not do so again, in later runs neither.
export JAX_COMPILATION_CACHE_DIR="$root/.venv/jax-cache"
export JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS=0.5
# It compiles for longer than it computes here: half of its time is saved by compiling
# plainly, and by XLA's older way of making code, in one piece.
export JAX_DISABLE_MOST_OPTIMIZATIONS=1
export XLA_FLAGS="--xla_cpu_use_fusion_emitters=false --xla_cpu_parallel_codegen_split_count=1"
logs="$(mktemp -d)"
trap 'rm -rf "$logs"' EXIT
names=()
jobs=()
# start NAME COMMAND...: in the background, its output in a log of that name, which ends
# with the time that it took.
TIMEFORMAT="%0R seconds, %0U + %0S of a processor"
start() {
    touch "$logs/$1" # It is read at once.
    { time "${@:2}"; } > "$logs/$1" 2>&1 &
    names+=("$1")
    jobs+=($!)
}
lint() {
    local status=0
    ruff check . || status=1
    ruff format --check . || status=1
    mypy || status=1
    return $status
}
if [ "$everything" = yes ]; then
    start lint lint
fi
# TensorFlow's tests have most to do, and go first: so all three end at the same time.
# (The logs end with what each took.)
declare -A niceness=([tensorflow]=0 [jax]=2 [torch]=2)
for backend in "${backends[@]}"; do
    selection=()
    if [ "$everything" = yes ] && [ "$backend" != torch ]; then
        selection=(-m "not any_backend")
    fi
    start "$backend" env KERAS_BACKEND="$backend" nice -n "${niceness[$backend]}" \
        python -m pytest "${selection[@]}" "$@"
done
if [ "$everything" = yes ]; then
    start wheel nice -n 8 bash tools/check_wheel.sh
    start without_tensorflow nice -n 8 bash tools/check_without_tensorflow.sh
fi
for i in "${!names[@]}"; do
    echo "== ${names[i]}"
    tail --pid="${jobs[i]}" --lines=+1 --follow "$logs/${names[i]}" 2> /dev/null
    wait "${jobs[i]}" || failed+=("${names[i]}")
done

if [ ${#failed[@]} -gt 0 ]; then
    printf 'Failed: %s\n' "${failed[@]}" >&2
    exit 1
fi
