"""The shipped example, judged by the command line as its pipeline does."""

from pathlib import Path
from typing import Any, Final

from support.commands import Done, assay
from support.small import AS_OF

SOUND: Final = "1.0.0-sound"
FLAWED: Final = "1.1.0-flawed"


def options_of(example: Path, release: str) -> list[object]:
    """Return what a pipeline of the example says beside its evidence."""
    return [
        *("--system", example / "system.yaml", "--release", release),
        *("--overlay", example / "overlay.yaml", "--scope", example / "scope.yaml"),
        *("--trust", example / "trust.yaml", "--as-of", AS_OF, "--assurance", "ci"),
    ]


def checked(example: Path, release: str, *more: object) -> Done:
    """Judge a release of the example by all that it has."""
    evidence = example / "releases" / release / "evidence"
    return assay("check", evidence, *options_of(example, release), *more)


def outcomes(value: Any) -> dict[str, str]:
    """Return the outcome of each rule of an assessment."""
    return {f"{one['policy']}/{one['rule']}": one["outcome"] for one in value["findings"]}
