"""``assay waiver``: what was accepted, by whom, until when."""

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from assaybook.cli.listing import ListingFormat, Style, errors_spoken, print_rows, spoken
from assaybook.cli.options import AsOf, Policies, TrustFile, instant_of

if TYPE_CHECKING:
    from collections.abc import Generator
    from datetime import datetime

    from assaybook.service.waivers_check import CheckedBaseline, CheckedWaiver

app = typer.Typer(no_args_is_help=True)
_REFUSED: Final = 1
_UNREAD: Final = 5
_COLUMNS: Final = (
    "id",
    "state",
    "policy",
    "rule",
    "rows",
    "requester",
    "approver",
    "expires",
    "renewals",
    "note",
)
_File = Annotated[Path, typer.Argument(metavar="FILE", help="A file of waivers.")]
_Files = Annotated[
    list[Path], typer.Argument(metavar="FILE", help="Files of waivers, or baselines.")
]
_Findings = Annotated[
    Path,
    typer.Option(
        "--findings", metavar="FILE", help="What check or assess wrote with --format json."
    ),
]
_FindingsToo = Annotated[
    Path | None,
    typer.Option(
        "--findings",
        metavar="FILE",
        help="An assessment as JSON: says which compensating rules pass, and what is of use.",
    ),
]
_Requester = Annotated[
    str, typer.Option("--requester", metavar="ID", help="Who asks; another person approves.")
]
_Expires = Annotated[
    str, typer.Option("--expires", metavar="INSTANT", help="When it ends, 2027-01-31T00:00:00Z.")
]
_Out = Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="Where it goes.")]
_Rows = Annotated[
    list[str] | None,
    typer.Option("--row", metavar="KEY", help="Only this failing row; repeatable."),
]
_Whole = Annotated[bool, typer.Option("--whole", help="The fail as a whole, whatever its rows.")]
_EveryRelease = Annotated[
    bool, typer.Option("--every-release", help="Of the system, not only the one judged.")
]
_Reason = Annotated[
    str, typer.Option("--reason", help="Why; without it a place is left to fill in.")
]
_Compensating = Annotated[
    str | None,
    typer.Option("--compensating", metavar="POLICY/RULE", help="It must pass meanwhile."),
]


@app.callback()
def _waiver() -> None:
    """Decisions to accept a fail for a time."""


@app.command("list")
def list_waivers(
    file: _File,
    trust: TrustFile = None,
    as_of: AsOf = None,
    style: Style = ListingFormat.TABLE,
) -> None:
    """Show each waiver with its state; only a verified approval puts one in force."""
    from assaybook.domain.trust import Trust
    from assaybook.service.people import read_trust
    from assaybook.service.waivers import listed_waivers, read_waivers
    from assaybook.settings import now

    with errors_spoken():
        at = instant_of(as_of, "--as-of") if as_of else now()
        people = read_trust(trust) if trust else Trust()
        rows = listed_waivers(read_waivers(file, people), at)
        print_rows(rows, _COLUMNS, style)


@app.command("approve")
def approve(  # noqa: PLR0913, PLR0917 - each is an option
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file of waivers, or a baseline.")],
    waiver: Annotated[str, typer.Argument(metavar="ID", help="Id of the waiver or baseline.")],
    person: Annotated[str, typer.Option("--person", help="Id of the approver.")],
    key: Annotated[Path, typer.Option("--key", help="Private key of the approver (PEM).")],
    answer: Annotated[Literal["yes", "no"], typer.Option(help="no revokes it.")] = "yes",
    at: Annotated[
        str | None, typer.Option("--at", metavar="INSTANT", help="When it is signed.")
    ] = None,
) -> None:
    """Sign a waiver or baseline that another person asked for; a later no revokes it."""
    from assaybook.service.people import signing_key
    from assaybook.service.waivers import approve_waiver
    from assaybook.settings import now

    with errors_spoken():
        signer = signing_key(key)
        instant = instant_of(at, "--at") if at else now()
        beside = approve_waiver(file, waiver, person=person, answer=answer, key=signer, at=instant)
        typer.echo(f"signed in {beside}", err=True)


@app.command("check")
def check_files(  # noqa: PLR0913, PLR0917 - each is an option
    files: _Files,
    findings: _FindingsToo = None,
    policies: Policies = None,
    trust: TrustFile = None,
    as_of: AsOf = None,
    style: Style = ListingFormat.TABLE,
) -> None:
    """Say how waivers stand, and refuse what has run out, is void or names what is not there.

    Exit 0: none is refused. 1: one is. 5: a file could not be read.
    """
    from assaybook.domain.trust import Trust
    from assaybook.reporting.words import count
    from assaybook.service.bundles import BundleFiles, read_library
    from assaybook.service.findings_file import read_findings
    from assaybook.service.people import read_trust
    from assaybook.service.waivers_check import check_waivers
    from assaybook.settings import now

    with errors_spoken():
        judged = read_findings(findings) if findings else None
        at = judged.assessment.as_of if judged else now()
        at = instant_of(as_of, "--as-of") if as_of else at
        people = read_trust(trust) if trust else Trust()
        known = read_library(BundleFiles(tuple(policies or ()))).policies
        found = check_waivers(files, people, known, at, judged)
    rows = [_row(one, style) for one in found.waivers]
    print_rows([*rows, *map(_baseline_row, found.baselines)], _COLUMNS, style)
    for error in (*found.unread, *found.faults):
        typer.echo(spoken(error), err=True)
    refused = sum(bool(one.faults) for one in found.waivers)
    refused += sum(bool(one.faults) for one in found.baselines)
    told = count(len(found.waivers), "waiver")
    if found.baselines:
        told += f", {count(len(found.baselines), 'baseline')}"
    typer.echo(f"{told}, {refused} refused", err=True)
    if found.unread or refused:
        raise typer.Exit(_UNREAD if found.unread else _REFUSED)


def _row(one: "CheckedWaiver", style: ListingFormat) -> dict[str, object]:
    waiver = one.waiver
    rows: object = list(waiver.rows)
    if style is ListingFormat.TABLE:  # the keys of rows would fill the screen
        rows = f"{len(waiver.rows)} named"
    return {
        "file": one.file,
        "id": waiver.id,
        "state": one.state.value,
        "policy": waiver.policy,
        "rule": waiver.rule,
        "rows": "whole" if waiver.whole else rows,
        "requester": waiver.requester,
        "approver": waiver.approval.person if waiver.approval else None,
        "expires": _instant(waiver.expires),
        "renewals": one.renewals,
        "accepted_since": _instant(one.accepted_since),
        "note": one.note,
        "refused": [fault.code for fault in one.faults],
    }


def _baseline_row(one: "CheckedBaseline") -> dict[str, object]:
    use = one.use
    return {
        "file": one.file,
        "id": use.id,
        "state": use.state,
        "policy": "baseline",
        "rule": one.system,
        "rows": f"{len(use.rows)} named",
        "requester": use.requester,
        "approver": use.approver,
        "expires": _instant(use.expires),
        "renewals": 0,
        "accepted_since": _instant(use.written_at),
        "note": one.note,
        "refused": [fault.code for fault in one.faults],
    }


def _instant(at: "datetime | None") -> str | None:
    from assaybook.domain.ids import written

    return None if at is None else written(at)


@app.command("propose")
def propose(  # noqa: PLR0913, PLR0917 - each is an option
    rule: Annotated[str, typer.Argument(metavar="POLICY/RULE", help="The rule that fails.")],
    findings: _Findings,
    requester: _Requester,
    expires: _Expires,
    out: _Out = Path("waivers.yaml"),
    row: _Rows = None,
    whole: _Whole = False,  # noqa: FBT002 - a flag of the command line
    every_release: _EveryRelease = False,  # noqa: FBT002 - a flag of the command line
    reason: _Reason = "",
    compensating: _Compensating = None,
) -> None:
    """Write a waiver of a fail for another person to approve; it changes nothing until then."""
    from assaybook.service.findings_file import read_findings
    from assaybook.service.waivers_propose import Asked, proposed, write_proposal

    with errors_spoken():
        asked = Asked(
            rule=rule,
            requester=requester,
            expires=instant_of(expires, "--expires"),
            rows=tuple(row or ()),
            whole=whole,
            every_release=every_release,
            reason=reason,
            compensating=compensating,
        )
        block = proposed(read_findings(findings), asked)
        waiver = write_proposal(out, block, reason=reason)
        typer.echo(block, nl=False)
    fill = "" if reason else "fill in the reason, then "
    sign = f"assay waiver approve {out} {waiver} --person ID --key KEY"
    typer.echo(f"next: {fill}another person signs it: {sign}", err=True)


@app.command("baseline")
def baseline(  # noqa: PLR0913, PLR0917 - each is an option
    findings: _Findings,
    requester: _Requester,
    expires: _Expires,
    reason: Annotated[str, typer.Option("--reason", help="Why they can be accepted meanwhile.")],
    name: Annotated[
        str | None, typer.Option("--id", metavar="ID", help="Its name; without it the system's.")
    ] = None,
    out: _Out = Path("baseline.yaml"),
) -> None:
    """Write every known fail of an assessment to a file that check takes with --baseline.

    It is for adopting policies on what is there already: what fails now is told apart from what
    fails anew. It accepts nothing until another person signs it.
    """
    from assaybook.reporting.words import count
    from assaybook.service.baseline import Wanted, write_baseline
    from assaybook.service.findings_file import read_findings

    with _faults_spoken():
        wanted = Wanted(name, requester, reason, instant_of(expires, "--expires"))
        written = write_baseline(out, read_findings(findings), wanted)
    fails, rules = count(written.rows, "fail"), count(len(written.baseline.fails), "rule")
    typer.echo(f"{fails} of {rules}: {out}", err=True)
    for rule in written.left:
        why = "it fails by what is not known, or by whichever row of a list"
        typer.echo(f"left out: {rule}, {why}; see waiver propose --whole", err=True)
    sign = f"assay waiver approve {out} {written.baseline.id} --person ID --key KEY"
    typer.echo(f"next: another person signs it: {sign}", err=True)


@contextmanager
def _faults_spoken() -> "Generator[None]":
    """Speak every fault of a file, and not only the first."""
    from assaybook.domain.errors import AuthorError
    from assaybook.language.document_problems import problems_of

    with errors_spoken():
        try:
            yield
        except AuthorError as error:
            for each in problems_of(error):
                typer.echo(spoken(each), err=True)
            raise typer.Exit(_UNREAD) from error
