"""``assay policy test``: run the cases of policies, and show what differs and why."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final

import typer

from assaybook.cli.listing import errors_spoken, harmless, print_json, spoken
from assaybook.domain.errors import AuthorError

if TYPE_CHECKING:
    from assaybook.domain.finding import Finding, ReasonShown, TraceNode
    from assaybook.service.run_cases import CaseResult, Difference, Suite, SuiteResult

_FAILED: Final = 1
_VALUE: Final = 80


_Coverage = Annotated[
    bool, typer.Option("--coverage", help="Say which clauses the cases show at work, and how.")
]
_Mutate = Annotated[
    bool, typer.Option("--mutate", help="Put small faults in; say which ones no case notices.")
]
_Suggest = Annotated[
    bool, typer.Option("--suggest", help="Write cases at boundaries that a person may keep.")
]


class ResultFormat(StrEnum):
    """How results are written."""

    TABLE = "table"
    JSON = "json"


def try_policies(
    named: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="DIR|FILE|GLOB",
            help="Folders, files, or ids of shipped policies such as 'security.*'.",
        ),
    ] = None,
    style: Annotated[
        ResultFormat, typer.Option("--format", help="How to write it.")
    ] = ResultFormat.TABLE,
    coverage: _Coverage = False,  # noqa: FBT002 - a flag of the command line
    mutate: _Mutate = False,  # noqa: FBT002 - a flag of the command line
    suggest: _Suggest = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Run the cases beside policies. Exit 0 all held, 1 one did not, 5 a file is unreadable."""
    from assaybook.cli.policy_proof import proof_of, proof_page, proof_record
    from assaybook.service.run_cases import run_suites

    with errors_spoken():
        suites = _suites(named or ())
        results = run_suites(suites)
        proofs = [
            proof_of(each, coverage=coverage, mutate=mutate, suggest=suggest) for each in suites
        ]
        both = list(zip(results, proofs, strict=True))
        if style is ResultFormat.JSON:
            print_json([{**_record(each), **proof_record(proof)} for each, proof in both])
        else:
            lines = [line for each, proof in both for line in (*_page(each), *proof_page(proof))]
            typer.echo(harmless("\n".join(lines)))
        typer.echo(_totals(results), err=True)
        if not all(each.held for each in results):
            raise typer.Exit(_FAILED)


def _totals(results: "Sequence[SuiteResult]") -> str:
    from assaybook.reporting.words import count

    ran = [case for each in results for case in each.cases]
    bad = sum(bool(case.differences) for case in ran)
    lacking = sum(len(each.lacking) for each in results)
    cases, policies = count(len(ran), "case"), count(len(results), "policy", "policies")
    counted = f"{cases} of {policies}: {len(ran) - bad} held, {bad} did not"
    return counted + (f", {lacking} rules lack cases" if lacking else "")


def _suites(named: Sequence[str]) -> "Sequence[Suite]":
    from assaybook.language.document_problems import problems_of
    from assaybook.service.run_cases import read_suites

    try:
        return read_suites(named)
    except AuthorError as error:
        for each in problems_of(error)[:-1]:
            typer.echo(spoken(each), err=True)
        raise problems_of(error)[-1] from error


def _record(result: "SuiteResult") -> dict[str, object]:
    return {
        "policy": result.policy,
        "file": result.file,
        "held": result.held,
        "lacking": list(result.lacking),
        "cases": [
            {
                "case": case.case,
                "where": case.where,
                "held": not case.differences,
                "differences": [_difference(each) for each in case.differences],
            }
            for case in result.cases
        ],
    }


def _difference(each: "Difference") -> dict[str, object]:
    finding = each.finding
    return {
        "rule": each.rule,
        "expected": each.expected,
        "actual": each.actual,
        "finding": None if finding is None else finding.model_dump(mode="json", by_alias=True),
    }


def _page(result: "SuiteResult") -> Iterator[str]:
    bad = [case for case in result.cases if case.differences]
    word = "held" if result.held else "FAILED"
    yield f"{word:6}  {result.policy}  {len(result.cases) - len(bad)} of {len(result.cases)} cases"
    for words in result.lacking:
        yield f"        {words}"
    for case in bad:
        yield from _told(case)


def _told(case: "CaseResult") -> Iterator[str]:
    yield f"\n  {case.where}: {case.case}"
    shown: set[str] = set()
    for each in case.differences:
        yield f"    {each.rule}"
        yield f"      expected  {each.expected}"
        yield f"      actual    {each.actual}"
        if each.finding is not None and each.rule not in shown:
            shown.add(each.rule)
            yield from _why(each.finding)
    yield ""


def _why(finding: "Finding") -> Iterator[str]:
    """Yield what a person needs to find out why: reasons, evidence, rows, and the trace."""
    yield f"      rule      {finding.sentence}"
    yield from _reasons("      because   ", finding.reasons)
    for need in finding.needs:
        state = "proven empty" if need.proven_empty else "open" if need.open else "closed"
        yield f"      need      {need.need}: {need.rows} rows, {need.possible} possible, {state}"
        yield from _reasons("                open: ", need.open)
    for one in finding.left_out:
        yield f"      left out  {one.evidence} of {one.need}: {one.code}, {one.message}"
    if finding.trace is not None:
        yield from _trace(finding.trace, "      ")
    for row in finding.rows:
        yield f"      row {row.key or '(unnamed)'}: {row.outcome.value} {row.message}".rstrip()
        yield from _reasons("        because ", row.reasons)
        if row.trace is not None:
            yield from _trace(row.trace, "        ")


def _reasons(before: str, reasons: "Sequence[ReasonShown]") -> Iterator[str]:
    for one in reasons:
        place = f" {one.path}" if one.path else ""
        yield f"{before}{one.code}{place}{': ' if one.message else ''}{one.message}"


def _trace(node: "TraceNode", indent: str) -> Iterator[str]:
    value = "" if node.value is None or node.truth else f" = {node.value!s}"[:_VALUE]
    why = (
        f"  [{', '.join(dict.fromkeys(one.code for one in node.reasons))}]" if node.reasons else ""
    )
    yield f"{indent}{node.truth or '.'}  {node.text}{value}{why}"
    for child in node.children:
        yield from _trace(child, f"{indent}  ")
