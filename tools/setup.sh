#!/usr/bin/env bash
# Makes .venv with the pinned, hashed packages and this checkout installed into it:
# `tools/setup.sh run` with what the product needs, `tools/setup.sh dev` with the developers' tools too.
# Says in one sentence what is missing and how to get it; installs nothing outside the checkout.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
kind=$1

stop() {
  printf 'set-up stopped: %s\n  %s\n' "$1" "$2" >&2
  exit 1
}

new_enough() {
  "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
  local name
  for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    if command -v "$name" >/dev/null && new_enough "$name"; then
      "$name" -c 'import sys; print(sys.executable)'
      return
    fi
  done
  if command -v uv >/dev/null && uv python find --quiet '>=3.11' 2>/dev/null; then
    return
  fi
  stop "no Python 3.11 or newer was found." \
    "Install one (Debian 12+, Ubuntu 23.04+: apt-get install python3 python3-venv) or name it: make setup PYTHON=/path/to/python3.11"
}

# WeasyPrint loads pango when it writes a PDF; wheels do not carry it.
need_pango() {
  "$1" - <<'PY' && return
import ctypes, ctypes.util, sys
for name in ("pango-1.0", "pangoft2-1.0"):
    found = ctypes.util.find_library(name)
    tries = [found] if found else [f"lib{name}.so.0", f"lib{name}.0.dylib"]
    for path in tries:
        try:
            ctypes.CDLL(path)
            break
        except OSError:
            continue
    else:
        sys.exit(1)
PY
  stop "the text layout library pango is missing; PDFs cannot be made without it." \
    "Debian, Ubuntu: apt-get install --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 | Fedora: dnf install pango | macOS: brew install pango"
}

export UV_PYTHON_DOWNLOADS=never
python=$(find_python)
need_pango "$python"

if [ -x .venv/bin/python ] && ! new_enough .venv/bin/python; then
  stop ".venv holds no working Python 3.11 or newer." "Remove the folder .venv and run this again."
fi

if command -v uv >/dev/null; then
  [ -x .venv/bin/python ] || uv venv --quiet --python "$python" .venv
  installer=uv
  install=(uv pip install --quiet --python .venv/bin/python)
else
  if ! [ -x .venv/bin/python ]; then
    "$python" -c 'import ensurepip, venv' 2>/dev/null || stop "this Python has no venv module." \
      "Debian, Ubuntu: apt-get install python3-venv; elsewhere install uv and run this again."
    "$python" -m venv .venv
  fi
  .venv/bin/python -m pip --version >/dev/null 2>&1 || stop ".venv was made by uv, which is not here now." \
    "Remove the folder .venv and run this again."
  installer=pip
  install=(.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-compile)
fi

echo "installing the pinned packages into .venv with $installer (once; a minute or less)" >&2
"${install[@]}" --require-hashes -r "constraints/$kind.txt"
"${install[@]}" --no-deps --no-build-isolation -e .
touch .venv/ready-run
[ "$kind" = run ] || touch .venv/ready-dev
