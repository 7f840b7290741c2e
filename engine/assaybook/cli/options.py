"""Options that several commands share, each written once."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from assaybook.domain.errors import UsageError
from assaybook.domain.ids import read_instant
from assaybook.domain.policy import Assurance, Severity
from assaybook.domain.record import record
from assaybook.settings import now

_ASSERTED: Final = (Assurance.SELF, Assurance.CI)


def _asserted(text: str) -> Assurance:
    """Return a level that a caller may assert; what a signature proves is never asserted."""
    for one in _ASSERTED:
        if text == one.value:
            return one
    raise typer.BadParameter(f"{text!r} is not one of {', '.join(_ASSERTED)}.")


class FindingsFormat(StrEnum):
    """How an assessment is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"
    SARIF = "sarif"
    JUNIT = "junit"
    GITHUB = "github"
    OSCAL = "oscal"


@record
class Target:
    """A file to write beside stdout, and in which form."""

    style: FindingsFormat
    file: Path


def _target(text: str) -> Target:
    """Return what ``FORMAT=FILE`` names."""
    name, _, file = text.partition("=")
    if not file or name not in list(FindingsFormat):
        formats = ", ".join(FindingsFormat)
        raise typer.BadParameter(f"{text!r} is not FORMAT=FILE, with one of {formats}.")
    if file == "-":
        raise typer.BadParameter(f"{text!r} names no file; for stdout write --format {name}.")
    return Target(FindingsFormat(name), Path(file))


Policies = Annotated[
    list[Path] | None,
    typer.Option(
        "--policies", metavar="DIR", help="Folder of policies; without it, the shipped library."
    ),
]
Globs = Annotated[
    list[str] | None,
    typer.Option("--policy", metavar="GLOB", help="Only policies whose id matches; repeatable."),
]
Overlays = Annotated[
    list[Path] | None,
    typer.Option("--overlay", metavar="FILE", help="Params of policies, in order; repeatable."),
]
ScopeFile = Annotated[
    Path | None, typer.Option("--scope", metavar="FILE", help="Which controls apply, and why.")
]
WaiversFile = Annotated[
    Path | None, typer.Option("--waivers", metavar="FILE", help="Fails that people accepted.")
]
BaselineFile = Annotated[
    Path | None,
    typer.Option("--baseline", metavar="FILE", help="Fails that were there before, accepted."),
]
TrustFile = Annotated[
    Path | None,
    typer.Option("--trust", metavar="FILE", help="Persons whose signatures count."),
]
EvidencePaths = Annotated[
    list[Path] | None, typer.Argument(metavar="EVIDENCE", help="Files and folders.")
]
SystemFile = Annotated[
    Path, typer.Option("--system", metavar="FILE", help="The system and its releases.")
]
ReleaseJudged = Annotated[
    str | None,
    typer.Option(
        "--release", metavar="VERSION", help="The release to judge; needed where there are several."
    ),
]
DeclaredFormat = Annotated[
    str | None, typer.Option("--as", metavar="FORMAT", help="Format of the files.")
]
ManifestFile = Annotated[
    Path | None, typer.Option("--manifest", metavar="FILE", help="What the files do not say.")
]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="INSTANT", help="Judge as of then, such as 2026-11-20T00:00:00Z."
    ),
]
FailOn = Annotated[
    Severity, typer.Option("--fail-on", help="Least severity that decides the exit code.")
]
Format = Annotated[FindingsFormat, typer.Option("--format", help="How stdout is written.")]
Outputs = Annotated[
    list[Target] | None,
    typer.Option(
        "--output",
        parser=_target,
        metavar="FORMAT=FILE",
        help="Write a file in that format too, such as junit=report.xml; repeatable.",
    ),
]
Database = Annotated[
    str | None,
    typer.Option("--database", metavar="URL", help="Without it, ASSAY_DATABASE or ./assaybook.db."),
]
ServerUrl = Annotated[
    str | None,
    typer.Option("--server", metavar="URL", help="A server in place of the store here."),
]
KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key-file", metavar="FILE", help="Holds the API key; without it, ASSAY_API_KEY."
    ),
]
Assured = Annotated[
    Assurance,
    typer.Option(
        "--assurance",
        parser=_asserted,
        metavar="[self|ci]",
        help="How well the origin is known, as you assert.",
    ),
]
SystemId = Annotated[str, typer.Option("--system", metavar="ID", help="Id of the system.")]
ReleaseVersion = Annotated[
    str, typer.Option("--release", metavar="VERSION", help="Version of the release.")
]
PackFile = Annotated[
    Path | None, typer.Option("--pack", metavar="FILE.pdf", help="Write the audit pack too.")
]
Organisation = Annotated[
    str, typer.Option("--organisation", help="Whose pack it is, for the cover.")
]


def judged_at(as_of: str | None) -> datetime:
    """Return the instant to judge as of: what ``--as-of`` gives, else now.

    Raises:
        UsageError: ``instant-invalid``.
    """
    return instant_of(as_of, "--as-of") if as_of is not None else now()


def instant_of(text: str, option: str) -> datetime:
    """Return the instant that an option gives.

    Raises:
        UsageError: ``instant-invalid``.
    """
    try:
        return read_instant(text, option)
    except UsageError as error:
        from assaybook.language.instants import meant_instant

        hint = meant_instant(text) or error.hint
        raise UsageError(error.code, error.message, where=option, hint=hint) from error
