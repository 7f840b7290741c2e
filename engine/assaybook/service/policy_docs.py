"""Write what policies ask as pages that anybody can open: one for each, an index, and controls."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from assaybook import __version__
from assaybook.catalogs.load import load_catalogs
from assaybook.domain.base import Frozen
from assaybook.domain.finding import Outcome
from assaybook.language.cases import Cases
from assaybook.reporting.matrix import Matrix, MatrixControl, reached_words
from assaybook.reporting.policy_docs import PageKind, docs_html
from assaybook.reporting.words import catalog_name
from assaybook.service.bundles import BundleFiles, read_library, read_ruling
from assaybook.service.controls_tried import matrix_of
from assaybook.service.files import write_bytes
from assaybook.service.policies import PolicyShown, policy_shown

_TRIED: Final = (Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE)
_WORDS: Final = {
    Outcome.PASS: "pass {} times",
    Outcome.FAIL: "fail {} times",
    Outcome.INCONCLUSIVE: "and stay undecided {} times",
}


class TriedShown(Frozen):
    """How many cases stand beside a policy, and what its rules come to in them."""

    cases: int
    words: str


def policy_pages(files: BundleFiles, name: str) -> dict[str, str]:
    """Return the pages of policies by the name of their file.

    Args:
        files: policies, overlays and scope; none means the library that ships.
        name: what the pages call themselves.

    Raises:
        AssayError: a file cannot be read or used.
    """
    ruling = read_ruling(files)
    library = read_library(files, with_cases=True)
    catalogs = load_catalogs()
    known: dict[str, object] = {
        "name": name,
        "engine": f"Assaybook {__version__}",
        "digest": ruling.bundle.digest,
    }
    shown = [policy_shown(one.policy, ruling.bundle.overlays, catalogs) for one in library.loaded]
    matrix = matrix_of(ruling)
    pages = {
        f"{page.policy}.html": _page(
            "policy", known, page=page, file=one.file, tried=_tried(one.cases)
        )
        for page, one in zip(shown, library.loaded, strict=True)
    }
    pages["index.html"] = _page(
        "index",
        known,
        pages=shown,
        rules=sum(len(page.rules) for page in shown),
        areas=_areas(shown),
        coverage=[_coverage(*one) for one in matrix.catalogs.items()],
    )
    held = [_catalog(*one, matrix) for one in matrix.catalogs.items()]
    pages["controls.html"] = _page("controls", known, catalogs=held)
    return pages


def write_policy_pages(files: BundleFiles, folder: Path, name: str) -> tuple[str, ...]:
    """Write the pages of policies into a folder; return the files, in order.

    Pages of the same names are replaced; what else is there stays.

    Raises:
        UsageError: ``file-unwritable``.
        AssayError: a file cannot be read or used.
    """
    pages = policy_pages(files, name)
    for file, text in pages.items():
        write_bytes(folder / file, text.encode())
    return tuple(sorted(pages))


def _page(kind: PageKind, known: Mapping[str, object], **shown: object) -> str:
    return docs_html(kind, {**known, **shown})


def _areas(shown: Sequence[PolicyShown]) -> list[tuple[str, list[PolicyShown]]]:
    """Return policies by the first part of their ids, in order."""
    found: dict[str, list[PolicyShown]] = {}
    for page in sorted(shown, key=lambda one: one.policy):
        found.setdefault(page.policy.partition(".")[0], []).append(page)
    return list(found.items())


def _coverage(catalog: str, rows: Sequence[MatrixControl]) -> dict[str, object]:
    applying = [one for one in rows if one.state != "left_out"]
    covered = sum(one.state == "covered" for one in applying)
    return {
        "anchor": f"c-{catalog}",
        "name": catalog_name(catalog),
        "covered": covered,
        "whole": len(applying),
        "percent": round(100 * covered / len(applying), 1) if applying else 0,
    }


def _catalog(catalog: str, rows: tuple[MatrixControl, ...], matrix: Matrix) -> dict[str, object]:
    left_out: dict[str, list[str]] = {}
    for one in rows:
        if one.state == "left_out":
            left_out.setdefault(one.left_out, []).append(one.control)
    return {
        "anchor": f"c-{catalog}",
        "name": catalog_name(catalog),
        "words": reached_words(rows),
        "policies": [
            one for one in matrix.policies if any(one.policy in row.reach for row in rows)
        ],
        "rows": [one for one in rows if one.state != "left_out"],
        "left": sum(map(len, left_out.values())),
        "left_out": list(left_out.items()),
    }


def _tried(cases: Cases | None) -> TriedShown | None:
    """Return how often the rules of a policy come to each outcome in its cases."""
    if cases is None:
        return None
    seen = [one.outcome for case in cases.cases for one in case.expect.values()]
    counts = {outcome: seen.count(outcome) for outcome in _TRIED}
    told = ", ".join(_WORDS[outcome].format(count) for outcome, count in counts.items())
    return TriedShown(cases=len(cases.cases), words=told)
