# Sourced by demo.sh and test.sh: brings the checkout to the point where .venv/bin/hounsfield runs.
# Does only what is missing, says each step in one line, and stops with the list where it may not install.

checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=$checkout/.venv
PATH=$PATH:/usr/sbin:/sbin

say() { echo "hounsfield: $*"; }
stop() { # stop SENTENCE...
    echo "hounsfield: $*" >&2
    exit 1
}

suitable_python() { # prints an interpreter from 3.11 to 3.13 that can make a virtual environment
    local candidate
    for candidate in "${PYTHON:-python3}" python3 python3.13 python3.12 python3.11 /usr/bin/python3; do
        if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
            2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

is_there() { # is_there PROOF: a file, a library or a program
    case $1 in
    /*) [ -e "$1" ] ;;
    *.so.*) ldconfig -p | grep -F "$1 " >/dev/null ;;
    *) command -v "$1" >/dev/null ;;
    esac
}

missing_packages() { # missing_packages LIST...
    local package proof
    suitable_python >/dev/null || printf '%s\n' python3 python3-venv
    cat "$@" | while read -r package proof; do
        case $package in '' | '#'*) continue ;; esac
        is_there "$proof" || echo "$package"
    done
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

may_install() {
    command -v apt-get >/dev/null || return 1
    [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null
}

# Servers that come with the tools for the tests are programs to us, not services of this machine.
no_services=/usr/sbin/policy-rc.d
hold_services() {
    [ -e $no_services ] && return
    printf '#!/bin/sh\nexit 101\n' | as_root tee $no_services >/dev/null
    as_root chmod +x $no_services
    trap release_services EXIT
}
release_services() {
    as_root rm -f $no_services
    trap - EXIT
}

install_packages() { # install_packages LIST...
    local missing
    mapfile -t missing < <(missing_packages "$@")
    if [ ${#missing[@]} = 0 ]; then
        say "system packages: all there"
        return
    fi
    may_install || stop "missing from this system: ${missing[*]}
hounsfield: install them (Debian and Ubuntu: apt-get install ${missing[*]}), or run this as root or with sudo"
    say "system packages: installing ${missing[*]}"
    hold_services
    as_root apt-get update -qq || stop "apt-get update failed"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
        </dev/null >"$checkout/.apt.log" 2>&1 || { tail -n 20 "$checkout/.apt.log" >&2; stop "apt-get install failed"; }
    rm -f "$checkout/.apt.log"
    if [ "$(trap -p EXIT)" ]; then release_services; fi
    mapfile -t missing < <(missing_packages "$@")
    [ ${#missing[@]} = 0 ] || stop "still missing after apt-get install: ${missing[*]}"
}

fingerprint() { # fingerprint LOCK: changes with anything the environment was made from
    cat "$1" "$checkout/pyproject.toml" <(echo "$checkout" && "$venv/bin/python" -VV) | sha256sum
}

install_python_packages() { # install_python_packages LOCK, by digest
    local lock=$1 python
    local stamp
    stamp=$venv/$(basename "$lock").installed
    if [ -x "$venv/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$(fingerprint "$lock")" ]; then
        say "python packages: as locked"
        return
    fi
    python=$(suitable_python) || stop "no Python from 3.11 to 3.13 with venv found (Debian and Ubuntu: python3 python3-venv)"
    say "python packages: installing $(grep -c == "$lock") into .venv with $("$python" -V)"
    grep -qsF "$venv" "$venv/pyvenv.cfg" || rm -rf "$venv" # made elsewhere: its scripts name another folder
    "$python" -m venv "$venv" || stop "cannot make $venv"
    "$venv/bin/python" -m pip install -q --disable-pip-version-check --no-input --only-binary :all: --require-hashes \
        -r "$lock" || stop "pip could not install $lock"
    "$venv/bin/python" -m pip install -q --disable-pip-version-check --no-input --no-deps --no-build-isolation --no-index \
        -e "$checkout" || stop "pip could not install the project itself"
    fingerprint "$lock" >"$stamp"
}

compile_sources() { # so that no start of the program, or of its processes, translates them anew where Python may not write
    "$venv/bin/python" -m compileall -q "$checkout/workstation" || stop "the program's sources could not be compiled"
}

install_judges() { # install_judges LOCK, by digest: programs that tests judge by, beside the environment and by themselves
    local lock=$1 stamp
    stamp=$venv/$(basename "$lock").installed
    [ -d "$venv/judges" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$(fingerprint "$lock")" ] && return
    say "judges: installing $(grep -c == "$lock")"
    "$venv/bin/python" -m pip install -q --disable-pip-version-check --no-input --only-binary :all: --require-hashes --no-deps \
        --upgrade --target "$venv/judges" -r "$lock" || stop "pip could not install $lock"
    fingerprint "$lock" >"$stamp"
}
