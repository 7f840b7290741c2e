#!/usr/bin/env bash
# Rewrites constraints/*.txt from pyproject.toml: exact versions, hashes, no addresses.
# Versions that still satisfy pyproject.toml are kept; `tools/constraints.sh --upgrade` renews all.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
command -v uv >/dev/null || { echo "constraints need uv: pip install uv" >&2; exit 1; }

pin() {
  local file=constraints/$1
  shift
  uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
    --no-annotate --no-header --no-emit-index-url --output-file "$file" "$@"
}

pin dev.txt --extra dev "$@"
echo hatchling | pin run.txt - --extra sign --constraint constraints/dev.txt "$@" # builds the checkout's own wheel
