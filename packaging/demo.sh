#!/usr/bin/env bash
# Set up what is missing, then show the demo: in a window where there is a screen, else as pictures in out/.
set -uo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
cd "$checkout" || exit 1

install_packages packaging/apt-runtime.txt
lock=packaging/requirements.lock
# The environment of the tests holds everything of the program's, at the same versions.
[ -e "$venv/requirements-test.lock.installed" ] && lock=packaging/requirements-test.lock
install_python_packages "$lock"
compile_sources

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    say "starting in a window"
    exec "$venv/bin/hounsfield" demo "$@"
fi
say "no screen: pictures and what they show go to out/"
export QT_QPA_PLATFORM=offscreen
exec "$venv/bin/hounsfield" demo --out out "$@"
