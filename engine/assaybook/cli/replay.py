"""``assay replay``: what new policies would have come to, before they are switched on."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from assaybook.cli.listing import (
    ListingFormat,
    Style,
    print_fields,
    print_json,
    print_rows,
)
from assaybook.cli.options import (
    Database,
    Globs,
    KeyFile,
    Overlays,
    Policies,
    ScopeFile,
    ServerUrl,
)
from assaybook.cli.progress import names_shown
from assaybook.cli.stored import database_of, tell
from assaybook.domain.errors import UsageError
from assaybook.domain.policy import Severity
from assaybook.settings import now

if TYPE_CHECKING:
    from assaybook.domain.replay import Difference, Foreseen, Replay
    from assaybook.service.bundles import Ruling
    from assaybook.service.replay import Asked

_COLUMNS: Final = (
    *("system", "release", "policy", "rule", "severity", "since", "until"),
    *("old", "old_disposition", "new", "new_disposition", "effect", "causes"),
    *("reason", "criteria", "forecast"),
)
_ROWS: Final = {
    "release": "Release",
    "rule": "Rule",
    "when": "When",
    "flip": "In force, then new",
    "because": "Because",
    "reason": "Reason",
}
_AHEAD: Final = {
    "release": "Release",
    "rule": "Rule",
    "at": "Forecast for",
    "flip": "Turns from, to",
    "reason": "Reason",
}
_ABSENT: Final = "not there"

_BundleFile = Annotated[
    Path | None,
    typer.Option("--bundle", metavar="FILE", help="What would be in force: assay bundle build."),
]
_InForce = Annotated[
    Path | None,
    typer.Option(
        "--in-force",
        metavar="FILE",
        help="The bundle to compare with; without it, that of each release's last assessment.",
    ),
]
_Since = Annotated[
    str, typer.Option("--from", metavar="D", help="First day of the period (UTC), or an instant.")
]
_Until = Annotated[
    str,
    typer.Option(
        "--to",
        metavar="D",
        help="Last day (UTC), whole, or an instant; a later one than now forecasts.",
    ),
]
_System = Annotated[
    str | None, typer.Option("--system", metavar="ID", help="Only this system, not every one.")
]
_Release = Annotated[
    str | None, typer.Option("--release", metavar="VERSION", help="Only this release of it.")
]
_FailOn = Annotated[
    Severity, typer.Option("--fail-on", help="Least severity that decides the exit code.")
]


def replay(  # noqa: PLR0913, PLR0917 - each is an option
    since: _Since,
    until: _Until,
    bundle: _BundleFile = None,
    policies: Policies = None,
    globs: Globs = None,
    overlays: Overlays = None,
    scope: ScopeFile = None,
    in_force: _InForce = None,
    system: _System = None,
    release: _Release = None,
    fail_on: _FailOn = Severity.LOW,
    style: Style = ListingFormat.TABLE,
    database: Database = None,
    server: ServerUrl = None,
    key_file: KeyFile = None,
) -> None:
    """Say which recorded releases new policies would flip, when and why; nothing is recorded.

    With --server (or ASSAY_SERVER) over what a server holds, of the systems that your key may see.

    Exit 0: nothing would get worse. 1: a rule would fail that does not now. 3: a rule would become
    undecided. 4: there is nothing to judge. 5: a file could not be read or a rule not evaluated.
    """
    from assaybook.cli.pack_period import ends_of
    from assaybook.cli.remote import server_named
    from assaybook.cli.report import verdicts_spoken
    from assaybook.service.replay import Asked, matching

    with verdicts_spoken():
        where, span = server_named(server, database), ends_of(since, until)
        ruling = _ruling(bundle, policies, overlays, scope)
        asked = Asked(
            ruling,
            span.since,
            span.until,
            now(),
            in_force=None if in_force is None else _read(in_force),
            system=system,
            release=release,
            globs=matching(ruling, globs or ()),
            fail_on=fail_on,
        )
        found = _by_server(where, key_file, asked) if where else _replayed(database, asked)
        _write(found, style)
    raise typer.Exit(found.exit)


def _replayed(database: str | None, asked: "Asked") -> "Replay":
    """Replay over a database, whose last record may be later than our clock."""
    from assaybook.service.judge_apart import instant_here
    from assaybook.service.replay import replay as replayed
    from assaybook.service.store_access import reading

    with reading(database_of(database)) as store, names_shown("judging") as done:
        return replayed(store, replace(asked, now=instant_here(store, now)), done)


def _by_server(url: str, key_file: Path | None, asked: "Asked") -> "Replay":
    """Have a server replay, as of its own instant."""
    from assaybook.cli.remote import line_to
    from assaybook.service.remote_replay import replay_at

    with line_to(url, key_file) as line:
        return replay_at(line, asked)


def _ruling(
    bundle: Path | None,
    policies: list[Path] | None,
    overlays: list[Path] | None,
    scope: Path | None,
) -> "Ruling":
    """Return the new criteria, whole: a waiver may hang on a rule that nobody asks to see.

    Raises:
        UsageError: ``option-twice``.
        AuthorError: they cannot be read or used.
    """
    from assaybook.service.bundles import BundleFiles, read_ruling

    if bundle is None:
        files = BundleFiles(tuple(policies or ()), (), tuple(overlays or ()), scope)
        return read_ruling(files)
    if policies or overlays or scope:
        raise UsageError(
            "option-twice",
            "--bundle holds policies, overlays and scope already",
            where="--bundle",
            hint="Leave out --policies, --overlay and --scope, or build the bundle of them.",
        )
    return _read(bundle)


def _read(file: Path) -> "Ruling":
    from assaybook.domain.trust import Trust
    from assaybook.language.bundle import bundle_json
    from assaybook.service.bundle_files import read_bundle_file
    from assaybook.service.bundles import recorded_ruling

    return recorded_ruling(bundle_json(read_bundle_file(file, Trust()).bundle))


def _write(found: "Replay", style: ListingFormat) -> None:
    if style is ListingFormat.JSON:
        print_json(found.model_dump(mode="json"))
        return
    if style is ListingFormat.CSV:
        tell(found.summary)
        print_rows([one.model_dump() for one in found.differences], _COLUMNS, style)
    else:
        print_fields("Replay", {"Summary": found.summary}, style)
        if found.differences:
            print_rows([_row(one, found) for one in found.differences], _ROWS, style)
        else:
            typer.echo("No rule would come to something else.")
        if found.foreseen:
            typer.echo()
            print_rows([_foreseen(one) for one in found.foreseen], _AHEAD, style)
    for line in _talk(found):
        tell(line)


def _row(one: "Difference", found: "Replay") -> dict[str, object]:
    """Return a difference as a few cells, its instants to the minute."""
    from assaybook.reporting.words import CAUSES

    old, new = _outcome(one.old, one.old_disposition), _outcome(one.new, one.new_disposition)
    ends = "on" if one.until == found.until else f"to {_minute(one.until)}"
    told = ", ".join(CAUSES[cause] for cause in one.causes)
    causes = f"{told} (forecast)" if one.forecast else told
    return {
        "release": f"{one.system} {one.release}",
        "rule": f"{one.policy} / {one.rule}",
        "when": f"{_minute(one.since)} {ends}",
        "flip": f"{old} -> {new}",
        "because": f"{causes}; {one.criteria}" if one.criteria else causes,
        "reason": one.reason,
    }


def _foreseen(one: "Foreseen") -> dict[str, object]:
    return {
        "release": f"{one.system} {one.release}",
        "rule": f"{one.policy} / {one.rule}",
        "at": _minute(one.at),
        "flip": f"{_outcome(one.before, 'open')} -> {_outcome(one.after, one.disposition)}",
        "reason": one.reason,
    }


def _minute(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M}Z"


def _outcome(outcome: str | None, disposition: str | None) -> str:
    if outcome is None:
        return _ABSENT
    told = outcome.replace("_", " ")
    return told if disposition == "open" else f"{told}, {disposition}"


def _talk(found: "Replay") -> Iterator[str]:
    """Yield what a person should know beside the answer."""
    from assaybook.reporting.words import listed

    gone = sum(one.new is None for one in found.differences)
    if gone:
        yield f"{gone} lines are of rules that are not in the new bundle; --policy compares some."
    if found.later:
        yield f"registered after the period, and not judged: {listed(found.later)}"
    if found.daily:
        told = listed(found.daily)
        yield f"judged each day too, as their reckoning with time is not seen through: {told}"
    yield f"judged at {found.judged} instants; nothing was recorded"
