# Sourced by test.sh: runs pytest, and the few journeys that failed beside others once more, alone.
#
# Journeys drive a real window through a real X server. Whatever their care, one of them may fail because two cores had
# a hundred other things to do, and a whole run is long. So where at most three tests failed and all of them are
# journeys, these run again on the machine that is quiet by then. One that fails twice fails the run; one that passes
# is named at the end of it, to be mended. No other test has a second try.

most_again=3
unsteady=none

run_tests() { # run_tests ARGUMENT...: what it is given goes to pytest
    local failed ids verdict=0
    failed=$(mktemp)
    HOUNSFIELD_FAILED=$failed "$venv/bin/python" -m pytest -n "${HOUNSFIELD_TEST_JOBS:-2}" --dist loadfile "$@" || verdict=$?
    mapfile -t ids <"$failed"
    rm -f "$failed"
    [ $verdict = 1 ] && may_run_again "${ids[@]}" || return $verdict
    say "journeys again, alone: ${ids[*]}"
    "$venv/bin/python" -m pytest -n 0 "${ids[@]}" || return $?
    unsteady=${ids[*]}
}

may_run_again() { # may_run_again TEST...
    local test
    [ $# -ge 1 ] && [ $# -le $most_again ] || return 1
    for test; do
        case $test in tests/journeys/*) ;; *) return 1 ;; esac
    done
}
