#!/usr/bin/env bash
# Set up what is missing, then check everything: style, types, imports, tests. Arguments go to pytest.
# All stages run, whatever one says; the exit status is 0 when all are clean.
set -uo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
source "$(dirname "${BASH_SOURCE[0]}")/journeys.sh"
cd "$checkout" || exit 1

install_packages packaging/apt-runtime.txt packaging/apt-test.txt
install_python_packages packaging/requirements-test.lock
compile_sources
install_judges packaging/requirements-judges.lock
export QT_QPA_PLATFORM=${QT_QPA_PLATFORM:-offscreen}
# Orthanc and DCMTK wait for acknowledgements without it: 14 s instead of 0.2 s for one series.
export TCP_NODELAY=1

table=()
failed=0
stage() { # stage NAME COMMAND...
    local name=$1 began=$SECONDS verdict=ok
    shift
    say "$name"
    "$@" || { verdict=FAILED failed=1; }
    table+=("$(printf '%-8s %-7s %4d s' "$name" "$verdict" $((SECONDS - began)))")
}

stage ruff "$venv/bin/ruff" check
stage format "$venv/bin/ruff" format --check
stage mypy "$venv/bin/mypy"
stage imports "$venv/bin/lint-imports"
stage pytest run_tests "$@"

printf 'hounsfield: %s\n' "${table[@]}" "unsteady: failed beside others, passed alone: $unsteady"
exit $failed
