"""``assay pack diff``: what differs between two packs, and what made the difference."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from assaybook.cli.listing import (
    ListingFormat,
    Style,
    errors_spoken,
    print_fields,
    print_json,
    print_rows,
)

if TYPE_CHECKING:
    from assaybook.service.pack_diff import DiffHead, PackDiff

_CONTROLS: Final = {
    "control": "Control",
    "before": "Before",
    "after": "After",
    "causes": "Because of",
}
_FINDINGS: Final = {
    "rule": "Rule",
    "before": "Before",
    "after": "After",
    "causes": "Because of",
    "details": "In detail",
}
_SAME: Final = "as before"


def diff(
    before: Annotated[Path, typer.Argument(metavar="A", help="A pack, or findings as JSON.")],
    after: Annotated[Path, typer.Argument(metavar="B", help="A later one of the same system.")],
    style: Style = ListingFormat.TABLE,
) -> None:
    """Say which controls and findings differ, and why: evidence, policy, subject, waiver, time.

    Two packs carry what they were made from: each input is put back in turn and judged again, so
    that a cause is shown, not guessed. Of plain findings it is told from digests, and that is said.
    Neither pack is verified: that is ``assay verify``.
    """
    from assaybook.service.pack_diff import compare_files

    with errors_spoken():
        found = compare_files(before, after)
        if style is ListingFormat.JSON:
            print_json(found.model_dump(mode="json"))
        else:
            _write(found, style)
        told = f"{len(found.controls)} controls and {len(found.findings)} rules differ"
        typer.echo(f"{told}; {found.unchanged} rules came to the same", err=True)


def _write(found: "PackDiff", style: ListingFormat) -> None:
    findings = [
        {
            "rule": f"{one.policy} / {one.rule}",
            "before": _outcome(one.before, one.disposition_before),
            "after": _outcome(one.after, one.disposition_after),
            "causes": ", ".join(one.causes),
            "details": "; ".join(one.details),
        }
        for one in found.findings
    ]
    if style is not ListingFormat.CSV:
        print_fields("Before and after", _heads(found), style)
        controls = [
            {
                "control": f"{one.catalog} {one.control}",
                "before": one.before or "not there",
                "after": one.after or "not there",
                "causes": ", ".join(one.causes),
            }
            for one in found.controls
        ]
        print_rows(controls, _CONTROLS, style)
        typer.echo()
    print_rows(findings, _FINDINGS, style)


def _outcome(outcome: str | None, disposition: str | None) -> str:
    if outcome is None:
        return "not there"
    return outcome if disposition in {None, "open"} else f"{outcome}, {disposition}"


def _heads(found: "PackDiff") -> dict[str, str]:
    """Return both sides in words; what did not change is said once."""
    before, after = _words(found.before), _words(found.after)
    said = {name: f"{before[name]} -> {after[name]}" for name in before}
    for name, text in before.items():
        if text == after[name]:
            said[name] = f"{text} ({_SAME})"
    how = f"{found.method} ({found.why})" if found.why else found.method
    return {**said, "Causes": how}


def _words(head: "DiffHead") -> dict[str, str]:
    told = "; ".join(f"{catalog}: {words}" for catalog, words in head.conclusion.items())
    return {
        "Release": f"{head.system} {head.release}",
        "As of": head.as_of.isoformat(),
        "Conclusion": told or "no framework in scope",
        "Bundle": head.bundle[:19],
        "Evidence": head.evidence_set[:19],
        "Subject": head.subject[:19],
        "Engine": head.engine,
    }
