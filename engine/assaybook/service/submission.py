"""What a person or pipeline hands over as one submission, to the store here or to a server.

Nothing of it loads the store, which a client of a server does not need.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assaybook.domain.policy import Assurance
from assaybook.domain.record import record
from assaybook.domain.trust import Trust

if TYPE_CHECKING:
    from assaybook.service.submit_documents import Origin

PIPED: Final = "stdin"
"""The name of a document that came through a pipe."""
_PATTERN: Final = frozenset("*?[")


@record
class Submission:
    """Files that a person or pipeline submits about one release.

    ``piped`` is a document that came through a pipe, and has no file.
    """

    paths: tuple[Path, ...]
    system: str
    release: str
    declared_format: str | None = None
    manifest: Path | None = None
    assurance: Assurance = Assurance.SELF
    submitted_by: str = ""
    trust: Trust = Trust()
    piped: bytes | None = None

    @property
    def origin(self) -> "Origin":
        """Return who submits, and about what."""
        from assaybook.service.submit_documents import Origin  # loads the store

        return Origin(
            self.system, self.release, self.assurance, self.submitted_by, trust=self.trust
        )


def matched(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Return paths with each pattern replaced by what it matches; ``**`` is any folders.

    A path that is there is no pattern, whatever it is called, and a pattern that matches nothing
    stays as it is: it is told as a file that cannot be read.
    """
    found: list[Path] = []
    for path in paths:
        plain = _PATTERN.isdisjoint(str(path)) or path.exists()
        found += ([] if plain else _matching(path)) or [path]
    return tuple(found)


def _matching(pattern: Path) -> list[Path]:
    """Return what a pattern matches, in order; hidden files are left alone, as in a folder."""
    top = Path(pattern.anchor)
    try:
        names = sorted(top.glob(str(pattern.relative_to(top))))
    except (ValueError, OSError):
        return []
    return [one for one in names if not one.name.startswith(".")]
