#!/usr/bin/env bash
# Make the two lock files anew: exact versions and the digests of every published file, no address.
# Needs `uv` on the PATH and the network. Give `--upgrade` to take newer versions than those locked.
set -euo pipefail
cd "$(dirname "$0")/.."

lock() { # lock OUT ARGUMENTS...
    local out=$1
    shift
    uv pip compile pyproject.toml --quiet --no-config --universal --python-version 3.11 --fork-strategy fewest \
        --generate-hashes --only-binary :all: --extra build --no-header --no-emit-index-url --no-emit-find-links --no-annotate \
        --output-file "$out" "$@"
    echo "$out: $(grep -c '==' "$out") packages"
}

lock packaging/requirements.lock "$@"
lock packaging/requirements-test.lock --extra test --constraints packaging/requirements.lock "$@"
