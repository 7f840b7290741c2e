"""``assay pack``: audit packs of releases in the store."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

import typer

from assaybook.cli.options import (
    AsOf,
    Database,
    FailOn,
    Globs,
    KeyFile,
    Organisation,
    Overlays,
    Policies,
    ReleaseVersion,
    ScopeFile,
    ServerUrl,
    SystemId,
    TrustFile,
    WaiversFile,
    instant_of,
)
from assaybook.cli.pack_diff import diff
from assaybook.cli.pack_period import Since, Span, Until, judged_period, span_of
from assaybook.cli.pack_sample import sample
from assaybook.domain.policy import Severity

if TYPE_CHECKING:
    from assaybook.service.judge import Judgement
    from assaybook.service.packs import Edition

app = typer.Typer(no_args_is_help=True)
app.command("diff")(diff)
app.command("sample")(sample)


class Profile(StrEnum):
    """Which pages a pack has."""

    FULL = "full"
    EXECUTIVE = "executive"
    CONTROL = "control"
    CHANGES = "changes"


_OURS: Final = (
    *("--policies", "--policy", "--overlay", "--scope", "--waivers", "--trust"),
    *("--from", "--to", "--profile", "--control", "--keys", "--held"),
)
"""Options that a server decides by itself, or that hold for packs of a store here alone."""
_About: TypeAlias = tuple[str, str, datetime | None, Severity, str]
"""System, release, instant, threshold, and whose pack it is."""
_JudgedBy: TypeAlias = tuple[
    list[Path] | None, list[str] | None, list[Path] | None, Path | None, Path | None, Path | None
]
"""Policies, patterns, overlays and scope, then waivers and trust."""
_Control = Annotated[str, typer.Option("--control", help="The control of a pack of one control.")]
_Keys = Annotated[
    Path | None,
    typer.Option("--keys", metavar="DIR", help="Keys that sign the pack; without it, ASSAY_KEYS."),
]
_Held = Annotated[
    list[Path] | None,
    typer.Option("--held", metavar="FILE", help="A checkpoint that a reader holds; repeatable."),
]


@app.callback()
def _pack() -> None:
    """Audit packs."""


@app.command("build")
def build(  # noqa: PLR0913, PLR0917 - each is an option
    system: SystemId,
    release: ReleaseVersion,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE.pdf", help="Where it goes.")],
    policies: Policies = None,
    globs: Globs = None,
    overlays: Overlays = None,
    scope: ScopeFile = None,
    waivers: WaiversFile = None,
    trust: TrustFile = None,
    as_of: AsOf = None,
    since: Since = None,
    until: Until = None,
    fail_on: FailOn = Severity.HIGH,
    organisation: Organisation = "",
    profile: Annotated[Profile, typer.Option("--profile", help="Which pages.")] = Profile.FULL,
    control: _Control = "",
    keys: _Keys = None,
    held: _Held = None,
    database: Database = None,
    server: ServerUrl = None,
    key_file: KeyFile = None,
) -> None:
    """Judge a release as of an instant, record the assessment, and write it as a PDF.

    With --from and --to it also tells how each control stood in between: the result of a period is
    the worst of it.
    With keys, the pack is signed and proven, and `assay verify` can tell who made it.
    With --server (or ASSAY_SERVER) the server judges, by its own policies, and makes the pack.
    """
    from assaybook.cli.remote import server_named
    from assaybook.cli.report import verdicts_spoken

    with verdicts_spoken():
        span = span_of(since, until, as_of)
        at = span.until if span else instant_of(as_of, "--as-of") if as_of else None
        about = (system, release, at, fail_on, organisation)
        judged_by = (policies, globs, overlays, scope, waivers, trust)
        where = server_named(server, database)
        if where is not None:
            pages = (since, until, profile is not Profile.FULL, control)
            _there(where, key_file, about, out, (*judged_by, *pages, keys, held))
        else:
            drawn = (profile, control, span)
            _here(database, about, judged_by, out, drawn, keys=keys, held=held)


def _there(
    url: str, key_file: Path | None, about: _About, out: Path, ours: tuple[object, ...]
) -> None:
    """Have a server make the pack; ``ours`` are the options that it decides."""
    from assaybook.cli.pack_server import build_there
    from assaybook.service.remote_pack import PackWanted

    build_there(url, key_file, PackWanted(*about), out, dict(zip(_OURS, ours, strict=True)))


def _here(  # noqa: PLR0913 - each is what the options come to
    database: str | None,
    about: _About,
    judged_by: _JudgedBy,
    out: Path,
    drawn: tuple[Profile, str, Span | None],
    *,
    keys: Path | None,
    held: list[Path] | None,
) -> None:
    """Judge a release in the store of this machine, and write its pack."""
    from assaybook.cli.stored import database_of, judged_release
    from assaybook.service.packs import Edition

    system, release, at, fail_on, organisation = about
    waivers, trust = judged_by[4:]
    found = judged_release(
        system,
        release,
        bundle=judged_by[:4],
        waivers=waivers,
        trust=trust,
        as_of=at,
        fail_on=fail_on,
        database=database,
    )
    profile, control, span = drawn
    period = judged_period(found, span, database_of(database))
    edition = Edition(organisation, profile.value, control, period)
    _write(found, out, edition, database_of(database), keys=keys, trust=trust, held=held)


def _write(  # noqa: PLR0913 - what is written, and who signs it
    found: "Judgement",
    out: Path,
    edition: "Edition",
    database: str,
    *,
    keys: Path | None,
    trust: Path | None,
    held: list[Path] | None,
) -> None:
    """Write a pack, and say whether anybody signed it."""
    from assaybook.service.packs import write_stored_pack
    from assaybook.settings import Settings, cache_folder, now

    signers = keys or Settings.from_environment().keys
    notes = tuple(held or ())
    signed = write_stored_pack(
        database,
        found,
        out,
        edition,
        keys=signers,
        now=now(),
        trust=trust,
        held=notes,
        cache=cache_folder(),
    )
    whose = "signed" if signed else "signed by nobody: give --keys"
    typer.echo(f"audit pack: {out} ({whose})", err=True)
