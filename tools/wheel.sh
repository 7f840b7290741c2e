#!/usr/bin/env bash
# Builds the wheel, inspects it, and runs the tests against it with the sources absent.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

rm -rf dist .work/wheel
mkdir -p .work/wheel
.venv/bin/python -m build --no-isolation --outdir dist . >.work/wheel/build.log ||
  { cat .work/wheel/build.log >&2; exit 1; }
.venv/bin/check-wheel-contents dist/*.whl

if command -v uv >/dev/null; then
  uv venv --quiet --python .venv/bin/python .work/wheel/venv
  install=(uv pip install --quiet --python .work/wheel/venv/bin/python)
else
  .venv/bin/python -m venv .work/wheel/venv
  install=(.work/wheel/venv/bin/python -m pip install --quiet --disable-pip-version-check)
fi
"${install[@]}" --require-hashes -r constraints/dev.txt
"${install[@]}" --no-deps dist/*.whl

# What tests run beside the package: the second verifier, the fault scripts, the example.
cp -R tests tools bench examples pyproject.toml .work/wheel/
cd .work/wheel
venv/bin/python -m pytest -n logical --maxprocesses 8 --dist worksteal
venv/bin/assay demo
