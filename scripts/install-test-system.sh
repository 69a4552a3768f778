#!/bin/sh
# Installs what tests need from the system where it is missing: a Chromium and PortAudio.
# Where that is impossible it says so and goes on: the tests that need them will fail.

missing=""
command -v chromium >/dev/null || command -v chromium-browser >/dev/null ||
    command -v google-chrome >/dev/null || missing="chromium fonts-liberation"
.venv/bin/python -c 'import ctypes.util, sys; sys.exit(not ctypes.util.find_library("portaudio"))' ||
    missing="$missing libportaudio2"
[ -z "$missing" ] && exit 0

if ! command -v apt-get >/dev/null; then
    echo "Cannot install, as there is no apt-get here: $missing. Install them by other means." >&2
    exit 0
fi
if [ "$(id -u)" = 0 ]; then
    as_root=""
elif sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    echo "Cannot install without root: run  sudo apt-get install $missing" >&2
    exit 0
fi
echo "Installing $missing"
$as_root apt-get update -qq &&
    $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends $missing >/dev/null ||
    echo "apt-get could not install: $missing. The tests that need them will fail." >&2
