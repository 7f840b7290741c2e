"""Time what a person waits for, and print one JSON object a line.

Seconds are the best of a few runs of the real command in a fresh process; ``limit`` is what the
design allows. The exit status is 1 when a command fails or a limit is broken.
"""

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
EXAMPLE: Final = ROOT / "examples" / "diabetes"


@dataclass(frozen=True)
class Job:
    """One command with the seconds that it may take and how often it is tried."""

    name: str
    arguments: tuple[str, ...]
    limit: float
    runs: int


def jobs() -> tuple[Job, ...]:
    """Return what is timed."""
    policy = next(p for p in sorted((ROOT / "policies").rglob("*.yaml")) if ".cases." not in p.name)
    evidence = EXAMPLE / "releases" / "1.0.0-sound" / "evidence"
    check = (
        "check",
        str(evidence),
        *("--system", str(EXAMPLE / "system.yaml"), "--release", "1.0.0-sound"),
        *("--overlay", str(EXAMPLE / "overlay.yaml"), "--trust", str(EXAMPLE / "trust.yaml")),
        *("--manifest", str(evidence / "evidence.yaml"), "--assurance", "ci"),
        *("--as-of", "2026-11-20T00:00:00Z"),
    )
    return (
        Job("version", ("--version",), 0.3, 5),
        Job("lint one policy", ("policy", "lint", str(policy)), 0.3, 5),
        Job("check the example", check, 1.0, 5),
        Job("demo with both packs", ("demo",), 15.0, 1),
    )


def seconds(job: Job) -> float:
    """Return the best time of ``job``.

    Raises:
        subprocess.CalledProcessError: the command fails.
    """
    command = [sys.executable, "-m", "assaybook", *job.arguments]
    best = float("inf")
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(job.runs):
            start = time.perf_counter()
            subprocess.run(command, cwd=folder, check=True, capture_output=True)
            best = min(best, time.perf_counter() - start)
    return best


def main() -> int:
    """Print the timings and return the exit status."""
    status = 0
    for job in jobs():
        line: dict[str, object] = {"job": job.name, "limit": job.limit}
        try:
            took = seconds(job)
        except subprocess.CalledProcessError as error:
            line |= {"error": error.returncode, "said": error.stderr.decode()[-300:]}
            status = 1
        else:
            line |= {"seconds": round(took, 3), "kept": took <= job.limit}
            status = status if took <= job.limit else 1
        print(json.dumps(line), flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
