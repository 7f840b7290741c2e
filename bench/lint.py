"""How long lint takes: 300 policies in one folder, and hostile files one by one.

Writes copies of the shipped policies under other ids into a temporary folder, and prints one JSON
object a line with the time of the whole command, start included, and the limit. Times are those of
the processor, the least of several rounds: the machine may be busy.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from support.hostile import hostile

ROOT: Final = Path(__file__).resolve().parents[1]
MANY: Final = 300
ROUNDS: Final = 5
SECONDS_FOR_MANY: Final = 1.5
SECONDS_FOR_CASES_TOO: Final = 2.5
SECONDS_FOR_ONE_HOSTILE: Final = 0.1


def copies(count: int) -> Iterator[tuple[str, str]]:
    """Yield so many policies and their cases, by path, made of the shipped ones."""
    shipped = sorted(
        path for path in (ROOT / "policies").rglob("*.yaml") if ".cases" not in path.name
    )
    for number in range(count):
        path = shipped[number % len(shipped)]
        theme, name = path.parent.name, path.stem
        renamed = f"{theme}/{name}-{number}"
        for file, ending in ((path, ".yaml"), (path.with_suffix(".cases.yaml"), ".cases.yaml")):
            text = file.read_text(encoding="utf-8")
            yield (
                f"{renamed}{ending}",
                text.replace(f"policy: {theme}.{name}\n", f"policy: {theme}.{name}-{number}\n", 1),
            )


def seconds(*arguments: str) -> float:
    """Return the least processor time of a command over some rounds."""
    times: list[float] = []
    for _ in range(ROUNDS):
        before = _of_children()
        done = subprocess.run(
            [sys.executable, "-m", "assaybook", *arguments], capture_output=True, check=False
        )
        times.append(_of_children() - before)
        if done.returncode:
            raise SystemExit(done.stderr.decode()[-2000:] or done.stdout.decode()[-2000:])
    return min(times)


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def say(what: str, took: float, limit: float) -> bool:
    """Print one measurement, and return whether it is within its limit."""
    held = took < limit
    print(json.dumps({"what": what, "seconds": round(took, 4), "limit": limit, "held": held}))
    return held


def measure_many() -> bool:
    """Measure the whole command over many policies, alone and with their cases beside them."""
    with TemporaryDirectory() as folder:
        for name, text in copies(MANY):
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        both = seconds("policy", "lint", folder)
        counted = sum(1 for _ in Path(folder).rglob("*.cases.yaml"))
        what = f"lint of {MANY} policies and {counted} files of cases"
        held = say(what, both, SECONDS_FOR_CASES_TOO)
        for cases in Path(folder).rglob("*.cases.yaml"):
            cases.unlink()
        alone = seconds("policy", "lint", folder)
        return held & say(f"lint of {MANY} policies", alone, SECONDS_FOR_MANY)


def measure_hostile() -> bool:
    """Measure how soon each hostile file is refused, or judged within its bounds."""
    held = True
    for name, act in hostile().items():
        act()  # what a library loads or caches at first is no part of a refusal
        times: list[float] = []
        for _ in range(ROUNDS):
            start = process_time()
            act()
            times.append(process_time() - start)
        held &= say(f"hostile: {name}", min(times), SECONDS_FOR_ONE_HOSTILE)
    return held


def main() -> int:
    """Measure and return 1 where a limit is not held."""
    return 0 if measure_hostile() & measure_many() else 1


if __name__ == "__main__":
    sys.exit(main())
