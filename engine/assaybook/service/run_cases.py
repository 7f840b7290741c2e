"""Run the cases of policies through the engine that judges releases, and say what differs.

A case that is silent about a rule fails, and so does a policy with a rule that lacks a case that
passes, one that fails or one that stays unknown: what nobody tried out is not known to work.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from importlib.resources import as_file
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from assaybook.catalogs.load import load_catalogs
from assaybook.domain.documents import Evidence
from assaybook.domain.errors import UsageError
from assaybook.domain.finding import Assessment, Finding
from assaybook.domain.policy import Overlay, OverlaySet, Policy, Scope
from assaybook.domain.record import record
from assaybook.evaluation.assess import Inputs, assess
from assaybook.intake.declared import Declared
from assaybook.intake.limits import Limits
from assaybook.intake.raw import read_file as read_bytes
from assaybook.intake.read import Receipt, open_document
from assaybook.language.build import References, build_policy
from assaybook.language.bundle import make_bundle
from assaybook.language.cases import Case, CaseFile, Cases, load_cases, missing_cases
from assaybook.language.document_cases import Expected
from assaybook.language.library import CASES, Folder, load_policies
from assaybook.language.sentence import rule_sentence
from assaybook.language.source import read_file
from assaybook.service.bundles import references
from assaybook.service.judge import ENGINE
from assaybook.shelf import shelf

SHIPPED: Final = "policies"
_REASON: Final = "a case"


@record
class Suite:
    """A policy with its cases, and the folder that files named by the cases are relative to."""

    policy: Policy
    file: str
    cases: Cases | None
    folder: Traversable


@record
class Difference:
    """One thing that a case expects of a rule, and what came instead.

    ``finding`` is None where the case names no expectation for the rule.
    """

    rule: str
    expected: str
    actual: str
    finding: Finding | None = None


@record
class CaseResult:
    """One case that was run; it holds if nothing differs."""

    policy: str
    case: str
    where: str
    differences: tuple[Difference, ...]


@record
class SuiteResult:
    """The cases of one policy; ``lacking`` says in words what nobody tried out."""

    policy: str
    file: str
    cases: tuple[CaseResult, ...]
    lacking: tuple[str, ...]

    @property
    def held(self) -> bool:
        """Tell whether every case held and none is lacking."""
        return not self.lacking and not any(each.differences for each in self.cases)


def read_suites(named: Sequence[str]) -> tuple[Suite, ...]:
    """Return the policies that were named with their cases; without names, those that ship.

    A name is a folder of policies, a file (a policy, or the cases beside one), or a pattern of ids
    of shipped policies such as ``security.*``.

    Raises:
        AssayError: a file cannot be read or used, or nothing goes by a name.
    """
    known = references(load_catalogs())
    found: list[Suite] = []
    for name in named or ("*",):
        path = Path(name)
        if path.is_dir():
            found += _of_folder(Folder(path, path.as_posix()), known, ())
        elif path.is_file():
            found.append(_of_file(path, known))
        elif path.suffix in {".yaml", ".yml"} or "/" in name:
            hint = "Check the path."
            raise UsageError("file-missing", "there is no such file", where=name, hint=hint)
        else:
            found += _of_folder(Folder(shelf("policies"), SHIPPED), known, (name,))
    return tuple({each.file: each for each in found}.values())


def _of_folder(folder: Folder, known: References, globs: Sequence[str]) -> list[Suite]:
    library = load_policies([folder], known, globs=globs, with_cases=True)
    suites: list[Suite] = []
    for one in library.loaded:
        inner = one.file.removeprefix(f"{folder.name}/").split("/")[:-1]
        place = folder.place.joinpath(*inner) if inner else folder.place
        suites.append(Suite(one.policy, one.file, one.cases, place))
    return suites


def _of_file(path: Path, known: References) -> Suite:
    stem = path.name.removesuffix(CASES).removesuffix(".yaml").removesuffix(".yml")
    beside = path.parent / f"{stem}{CASES}"
    written = path.parent / f"{stem}.yaml" if path.name.endswith(CASES) else path
    policy = build_policy(read_file(written, written.as_posix()), known)
    cases = None
    if beside.is_file():
        cases = load_cases(read_file(beside, beside.as_posix()), policy)
    return Suite(policy, written.as_posix(), cases, path.parent)


def run_suites(suites: Iterable[Suite]) -> tuple[SuiteResult, ...]:
    """Run every case of every policy.

    Raises:
        SubmitterError: a file that a case names cannot be read.
    """
    return tuple(_run(one) for one in suites)


def _run(suite: Suite) -> SuiteResult:
    results = tuple(
        run_case(suite.policy, case, suite.folder)
        for case in (suite.cases.cases if suite.cases else ())
    )
    lacking = missing_cases(suite.policy, suite.cases)
    return SuiteResult(suite.policy.id, suite.file, results, lacking)


def run_case(policy: Policy, case: Case, folder: Traversable) -> CaseResult:
    """Judge one case and compare every rule with what is expected of it."""
    found = judge_case(policy, case, folder)
    differences: list[Difference] = []
    for finding in found.findings:
        expected = case.expect.get(finding.rule)
        if expected is None:
            silent = "something: the case says nothing of this rule"
            differences.append(Difference(finding.rule, silent, spoken_outcome(finding)))
        else:
            differences += _compared(finding, expected)
    return CaseResult(policy.id, case.name, case.where, tuple(differences))


def judge_case(policy: Policy, case: Case, folder: Traversable) -> Assessment:
    """Return the assessment of a case: its policy alone, its evidence, its instant.

    Controls are left out, for a case is about the rules; params of the case hold over everything.

    Raises:
        SubmitterError: a file that the case names cannot be read.
    """
    alone = replace(policy, controls=())
    params = OverlaySet(policy.id, case.params, allow_relax=True, reason=_REASON)
    over = (Overlay(_REASON, (params,)),) if case.params else ()
    read = tuple(one for file in case.files for one in _evidence_of(file, case, folder))
    return assess(
        Inputs(
            bundle=make_bundle((alone,), (*case.overlays, *over), Scope(), {}),
            subject=case.subject,
            evidence=(*case.evidence, *read),
            catalogs=(),
            as_of=case.as_of,
            sentence=rule_sentence,
            engine=ENGINE,
            waivers=case.waivers,
        )
    )


def _evidence_of(file: CaseFile, case: Case, folder: Traversable) -> tuple[Evidence, ...]:
    """Read a real file as intake does, with what the case says of it as a manifest would."""
    said, about, limits = file.declared, file.declared.about, Limits()
    declared = Declared(
        format=said.as_,
        system=about.system if about else case.subject.system.id,
        release=about.release if about else case.subject.release.version,
        artifacts=about.artifacts if about else (),
        scope=said.scope,
        run=said.run,
        produced_at=said.produced_at,
        observed_at=said.observed_at,
        coverage=said.coverage,
    )
    received = said.received_at or case.as_of
    receipt = Receipt(received, assurance=said.assurance, submission=said.submission)
    with as_file(folder.joinpath(*file.path.split("/"))) as path:
        raw = read_bytes(path, file.path, limits)
    name = file.path.rpartition("/")[2]
    opened = open_document(raw, name=name, declared=(declared,), receipt=receipt, limits=limits)
    return opened.evidence


def spoken_outcome(finding: Finding) -> str:
    """Return an outcome with the codes of its reasons, in their order."""
    codes = dict.fromkeys(one.code for one in finding.reasons)
    return f"{finding.outcome.value} ({', '.join(codes)})" if codes else finding.outcome.value


def _compared(finding: Finding, expected: Expected) -> list[Difference]:
    """Compare outcome and, where the case names them, reasons, rows and disposition."""
    rule = finding.rule
    found: list[Difference] = []
    codes = {one.code for one in finding.reasons}
    reasons_differ = bool(expected.reasons) and codes != set(expected.reasons)
    if finding.outcome is not expected.outcome or reasons_differ:
        wanted = ", ".join(expected.reasons)
        word = expected.outcome.value
        said = f"{word} ({wanted})" if wanted else word
        found.append(Difference(rule, said, spoken_outcome(finding), finding))
    rows = {row.key: row.outcome.value for row in finding.rows}
    for key, outcome in expected.rows.items():
        if rows.get(key) != outcome.value:
            have = rows.get(key) or f"no such row, only {'; '.join(rows) or 'none'}"
            found.append(Difference(rule, f"row {key}: {outcome.value}", have, finding))
    if expected.disposition not in (None, finding.disposition.value):
        word = f"disposition {expected.disposition}"
        found.append(Difference(rule, word, finding.disposition.value, finding))
    return found
