"""Time what a person waits for, and print one JSON object a line.

Seconds are the best of a few runs of the real command in a fresh process, and belong to the
machine. ``limit`` is what the design allows on a quiet one, ``of_limit`` the share of it taken, and
``ratio`` compares with a process of the same run that only imports the libraries under every
command. The exit status is 1 when a command fails: a busy machine is no fault of the code.
"""

import json
import math
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
    """Arguments of Python with the seconds that they may take and how often they are tried.

    Nothing of an earlier run is there, save for a job that is done ``again``.
    """

    name: str
    arguments: tuple[str, ...]
    limit: float
    runs: int
    again: bool = False


LIBRARIES: Final = Job(
    "the libraries alone", ("-c", "import pydantic.main, typer, yaml"), math.inf, 7
)


def jobs() -> tuple[Job, ...]:
    """Return what is timed."""
    policy = ROOT / "policies" / "fairness" / "slice-floor.yaml"
    evidence = EXAMPLE / "releases" / "1.0.0-sound" / "evidence"
    check = (
        "check",
        str(evidence),
        *("--system", str(EXAMPLE / "system.yaml"), "--release", "1.0.0-sound"),
        *("--overlay", str(EXAMPLE / "overlay.yaml"), "--trust", str(EXAMPLE / "trust.yaml")),
        *("--scope", str(EXAMPLE / "scope.yaml")),
        *("--manifest", str(evidence / "evidence.yaml"), "--assurance", "ci"),
        *("--as-of", "2026-11-20T00:00:00Z"),
    )
    packed = (*check, "--pack", "pack.pdf")
    return (
        _job("version", ("--version",), 0.3),
        _job("lint one policy", ("policy", "lint", str(policy)), 0.3),
        _job("check the example", check, 1.0),
        _job("check the example and write its PDF", packed, 5.0, 3),
        _job("check the example and write its PDF again", packed, 2.5, 3, again=True),
        _job("demo with both packs", ("demo",), 15.0, 1),
    )


def _job(
    name: str, words: tuple[str, ...], limit: float, runs: int = 7, *, again: bool = False
) -> Job:
    return Job(name, ("-m", "assaybook", *words), limit, runs, again)


def seconds(job: Job) -> float:
    """Return the best time of ``job``, each run of which has an empty folder to work in.

    Raises:
        subprocess.CalledProcessError: the command fails.
    """
    # -E: a variable that forbids byte code on disk would have every run compile the sources again.
    command = [sys.executable, "-E", *job.arguments]
    times: list[float] = []
    with tempfile.TemporaryDirectory() as kept:
        environment = {"ASSAY_CACHE": kept if job.again else "off"}
        for _ in range(job.runs + job.again):
            with tempfile.TemporaryDirectory() as folder:
                start = time.perf_counter()
                subprocess.run(
                    command, cwd=folder, env=environment, check=True, capture_output=True
                )
                times.append(time.perf_counter() - start)
    return min(times[job.again :])


def line_of(job: Job, bare: float) -> dict[str, object]:
    """Return what is printed of one job; ``bare`` are the seconds of the libraries alone."""
    line: dict[str, object] = {"job": job.name, "limit": job.limit}
    try:
        took = seconds(job)
    except subprocess.CalledProcessError as error:
        return line | {"error": error.returncode, "said": error.stderr.decode()[-300:]}
    share, kept = round(took / job.limit, 2), took <= job.limit
    ratio = round(took / bare, 2)
    return line | {"seconds": round(took, 3), "ratio": ratio, "of_limit": share, "kept": kept}


def main() -> int:
    """Print the timings and return the exit status."""
    bare = seconds(LIBRARIES)
    print(json.dumps({"job": LIBRARIES.name, "seconds": round(bare, 3), "ratio": 1.0}), flush=True)
    status = 0
    for job in jobs():
        line = line_of(job, bare)
        status = 1 if "error" in line else status
        print(json.dumps(line), flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
