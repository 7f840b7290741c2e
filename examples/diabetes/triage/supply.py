"""Run the supply-chain tools: pip-audit on the requirements, Gitleaks on the files.

No scanner of models reads a JSON file of coefficients, so what is in it is looked at here.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from triage.advisories import service
from triage.releases import SYSTEM, Release, instant

HOME = Path(__file__).parent.parent


def _tool(name: str) -> str:
    """Find a command beside the Python that runs, or on the PATH."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        raise SystemExit(f"{name} is not installed: see requirements.txt and README.md")
    return found


def version(name: str) -> str:
    """Ask a tool for its version number."""
    flag = "version" if name == "gitleaks" else "--version"
    said = subprocess.run([_tool(name), flag], check=True, capture_output=True, text=True)
    return said.stdout.split()[-1]


def audit(requirements: str, output: Path) -> None:
    """Audit pinned requirements with pip-audit, and write what it prints.

    pip-audit exits 1 when it finds something. That is a result and no breakdown, so only its
    lack of a report stops us.
    """
    with service(HOME / "advisories" / "osv.json") as address, tempfile.TemporaryDirectory() as tmp:
        shutil.copy(HOME / "serving" / requirements, Path(tmp) / "requirements.txt")
        command = [_tool("pip-audit"), "--requirement", "requirements.txt", "--no-deps"]
        command += ["--disable-pip", "--format", "json", "--progress-spinner", "off"]
        command += ["--cache-dir", "cache", "--vulnerability-service", "osv"]
        command += ["--osv-url", address]
        done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=tmp)
    if not done.stdout:
        raise SystemExit(f"pip-audit gave no report:\n{done.stderr}")
    output.write_text(done.stdout, encoding="utf-8")


def secrets(requirements: str, artifacts: Path, output: Path) -> int:
    """Scan what the release ships for secrets with Gitleaks, and count the files it was given."""
    with tempfile.TemporaryDirectory() as tmp:
        tree = Path(tmp) / "release"
        shutil.copytree(artifacts, tree / "artifacts")
        shutil.copytree(HOME / "triage", tree / "triage", ignore=shutil.ignore_patterns("__*"))
        shutil.copy(HOME / "serving" / requirements, tree / "requirements.txt")
        command = [_tool("gitleaks"), "dir", ".", "--no-banner", "--redact", "--exit-code", "0"]
        command += ["--report-format", "json", "--report-path", str(output.resolve())]
        subprocess.run(command, check=True, capture_output=True, cwd=tree)
        return sum(1 for file in tree.rglob("*") if file.is_file())


def _is_plain(value: object) -> bool:
    """Say whether a value is made of texts and numbers alone."""
    if isinstance(value, dict):
        return all(map(_is_plain, value.values()))
    if isinstance(value, list):
        return all(map(_is_plain, value))
    return isinstance(value, str | int | float)


def model_code(release: Release, model: Path, at: datetime) -> dict[str, Any]:
    """Look through the model for anything but texts and numbers, and say so in `assaybook/v1`."""
    found = not _is_plain(json.loads(model.read_text(encoding="utf-8")))
    place = f"artifacts/{model.name}"
    fact = {
        "type": "security",
        "fingerprint": f"{place}:not-plain",
        "class": "unsafe_code",
        "rule": "not-plain",
        "location": place,
    }
    return {
        "assaybook": "v1",
        "tool": {"name": "triage-model-check", "version": "1.0.0"},
        "run": f"model-check-{release.version}-{at:%Y%m%d}",
        "produced_at": instant(at),
        "subject": {"system": SYSTEM, "release": release.version},
        "scope": {"path": place},
        "coverage": [
            {
                "question": "security/unsafe_code",
                "examined": 1,
                "passed": int(not found),
                "failed": int(found),
                "errored": 0,
                "skipped": 0,
            }
        ],
        "facts": [fact] if found else [],
    }
