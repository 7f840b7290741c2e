"""How rules and needs fare over many releases: what never fires, what always does, what never is.

A rule that comes to the same for every release decides nothing, or cannot; a need that no release
meets asks for evidence that nobody has. Neither is a verdict: a person should look.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from assaybook.domain.base import Frozen
from assaybook.domain.control import Catalog
from assaybook.domain.errors import UsageError
from assaybook.domain.finding import Assessment, Finding, Outcome
from assaybook.domain.ids import Instant
from assaybook.domain.policy import Policy, Scope, Severity
from assaybook.domain.trust import Trust
from assaybook.evaluation.roll_up import scope_entry
from assaybook.intake.manifest import MANIFEST
from assaybook.language.document_subject import load_subject
from assaybook.reporting.matrix import Matrix, MatrixControl, MatrixPolicy
from assaybook.service.bundles import Ruling
from assaybook.service.check import CheckRequest, read_local, with_persons
from assaybook.service.controls import coverage
from assaybook.service.files import read_yaml
from assaybook.service.judge import Judgement, judged
from assaybook.service.run_assessment import judge_releases
from assaybook.service.subjects import read_subject
from assaybook.store.paging import MOST
from assaybook.store.subjects import known_system, list_systems, subjects_as_of
from assaybook.store.unit_of_work import Reading

_EVIDENCE: Final = "evidence"
_DECIDED: Final = (Outcome.PASS, Outcome.FAIL)


class RuleTried(Frozen):
    """What one rule came to, over every release.

    Attributes:
        outcomes: releases by outcome.
        fires: share of the releases that it decided in which it fails, 0 to 1; None where it
            decided none.
        vacuous: why a person should look at it; empty where it passes some and fails others.
    """

    policy: str
    rule: str
    severity: Severity
    outcomes: dict[Outcome, int]
    fires: float | None
    vacuous: str


class NeedTried(Frozen):
    """How often a need found evidence that counts, of the releases in which a rule asked for it."""

    policy: str
    need: str
    facts: str
    asked: int
    met: int


class Tried(Frozen):
    """Rules and needs over releases; ``releases`` are named ``system release``."""

    releases: tuple[str, ...]
    rules: tuple[RuleTried, ...]
    needs: tuple[NeedTried, ...]

    @property
    def vacuous(self) -> tuple[RuleTried, ...]:
        """Return the rules that a person should look at."""
        return tuple(one for one in self.rules if one.vacuous)

    @property
    def unmet(self) -> tuple[NeedTried, ...]:
        """Return the needs that no release met."""
        return tuple(one for one in self.needs if not one.met)


def matrix_of(ruling: Ruling, catalogs: Sequence[Catalog] = ()) -> Matrix:
    """Return which policies bear on which controls of some catalogs, by default those in scope."""
    policies = sorted(ruling.bundle.policies, key=lambda one: one.id)
    chosen = {one.id: one for one in (catalogs or ruling.catalogs)}
    return Matrix(
        policies=tuple(MatrixPolicy(policy=one.id, title=one.title) for one in policies),
        controls=tuple(
            MatrixControl(
                catalog=one.catalog,
                control=one.control,
                title=one.title,
                reach={each.policy: each.relation for each in one.policies},
                left_out=_left_out(chosen[one.catalog], one.control, ruling.bundle.scope),
            )
            for one in coverage(policies, chosen.values())
        ),
    )


def _left_out(catalog: Catalog, control: str, scope: Scope) -> str:
    entry = scope_entry(catalog, control, scope)
    return "" if entry is None or entry.applies else entry.reason


def tried(assessments: Iterable[Assessment], policies: Sequence[Policy]) -> Tried:
    """Return how the rules and needs of policies fared over assessments, one for each release."""
    names: list[str] = []
    by_rule: dict[tuple[str, str], list[Finding]] = {}
    for found in assessments:
        for finding in found.findings:
            by_rule.setdefault((finding.policy, finding.rule), []).append(finding)
        if found.findings:
            names.append(f"{found.findings[0].system} {found.findings[0].release}")
    ordered = sorted(policies, key=lambda one: one.id)
    return Tried(
        releases=tuple(names),
        rules=tuple(
            _rule(policy, rule.id, by_rule.get((policy.id, rule.id), ()))
            for policy in ordered
            for rule in policy.rules
        ),
        needs=tuple(one for policy in ordered for one in _needs(policy, by_rule)),
    )


def _rule(policy: Policy, rule: str, findings: Sequence[Finding]) -> RuleTried:
    outcomes = {one: count for one in Outcome if (count := sum(f.outcome is one for f in findings))}
    decided = sum(outcomes.get(one, 0) for one in _DECIDED)
    fires = outcomes.get(Outcome.FAIL, 0) / decided if decided else None
    return RuleTried(
        policy=policy.id,
        rule=rule,
        severity=policy.severity,
        outcomes=outcomes,
        fires=fires,
        vacuous=_vacuous(fires, outcomes, len(findings)),
    )


def _vacuous(fires: float | None, outcomes: Mapping[Outcome, int], releases: int) -> str:
    """Return in words why a rule tells no release from another."""
    if not releases:
        return "no release was judged"
    if outcomes.get(Outcome.NOT_APPLICABLE, 0) == releases:
        return "it applies to no release"
    if fires is None:
        return "it decides no release: what it asks for is never known"
    if fires == 0:
        return "it never fires"
    return "it always fires" if fires == 1 else ""


def _needs(
    policy: Policy, by_rule: Mapping[tuple[str, str], Sequence[Finding]]
) -> Iterator[NeedTried]:
    for need in policy.needs.values():
        asking = [rule.id for rule in policy.rules if need.name in rule.needs]
        used: dict[tuple[str, str], bool] = {}
        for finding in (one for rule in asking for one in by_rule.get((policy.id, rule), ())):
            for use in finding.needs:
                if use.need == need.name:
                    place = (finding.system, finding.release)
                    used[place] = used.get(place, False) or bool(use.evidence)
        if used:
            met = sum(used.values())
            yield NeedTried(
                policy=policy.id, need=need.name, facts=need.facts, asked=len(used), met=met
            )


def judged_in_folders(
    ruling: Ruling, folders: Sequence[Path], system: Path, *, as_of: Instant, trust: Trust
) -> Iterator[Judgement]:
    """Judge every release of a system file by the files of its folder; one after the other.

    A folder that is named holds a folder for each release, called by its version; the evidence is
    in that or in ``evidence`` under it, with ``evidence.yaml``. Of a single release the folder
    itself will do.

    Raises:
        UsageError: ``release-without-folder``.
        AssayError: the system file, or an artifact that it names, cannot be read.
    """
    versions = [one.version for one in load_subject(read_yaml(system)).releases]
    for version in versions:
        found = [path for folder in folders if (path := _folder_of(folder, version)) is not None]
        if not found and len(versions) == 1:
            found = list(folders)
        if not found:
            raise UsageError(
                "release-without-folder",
                f"no folder is called {version}",
                where=", ".join(map(str, folders)),
                hint="Put the evidence of each release into a folder called by its version.",
            )
        manifest = next((path for one in found if (path := one / MANIFEST).is_file()), None)
        subject = read_subject(system, version)
        request = CheckRequest(tuple(found), system, version, as_of, manifest=manifest)
        read = read_local(request, subject)
        yield judged(
            ruling,
            subject,
            with_persons(read, trust),
            as_of=as_of,
            fail_on=Severity.LOW,
            problems=read.problems,
        )


def _folder_of(folder: Path, version: str) -> Path | None:
    mine = folder / version
    if (mine / _EVIDENCE).is_dir():
        return mine / _EVIDENCE
    return mine if mine.is_dir() else None


def judged_in_store(  # noqa: PLR0913 - each is an input that decides
    ruling: Ruling,
    reading: Reading,
    *,
    as_of: Instant,
    among: Collection[str] | None = None,
    system: str | None = None,
    most: int | None = None,
) -> Iterator[Judgement]:
    """Judge every release that a store holds by what was recorded by an instant; record nothing.

    ``among`` are the systems that whoever asks may know of, None all of them; ``system`` is the
    only one that is asked for.

    Raises:
        UsageError: ``system-unknown``; ``releases-too-many``, there are more than ``most``.
    """
    subjects = [
        one
        for name in _systems(reading, among=among, system=system)
        for one in subjects_as_of(reading, name, as_of=as_of)
    ]
    if most is not None and len(subjects) > most:
        raise UsageError(
            "releases-too-many",
            f"{len(subjects)} releases are more than the {most} that are judged at once",
            where="system",
            hint="Name one system, or use assay control coverage --store.",
        )
    yield from judge_releases(reading, ruling, subjects, fail_on=Severity.LOW, as_of=as_of)


def _systems(
    reading: Reading, *, among: Collection[str] | None, system: str | None
) -> Iterator[str]:
    if system is not None:
        yield known_system(reading, system).system.id
        return
    after: str | None = None
    while True:
        page = list_systems(reading, after=after, limit=MOST, among=among)
        yield from (record.system.id for record in page.items)
        after = page.next
        if after is None:
            return


class Coverage(Frozen):
    """What judging every release shows of a set of policies.

    Attributes:
        rules: every rule with what it came to.
        vacuous: the rules that a person should look at.
        unmet: the needs that no release met.
        uncovered: the controls in scope that no rule bears on.
    """

    as_of: Instant
    releases: tuple[str, ...]
    rules: tuple[RuleTried, ...]
    needs: tuple[NeedTried, ...]
    vacuous: tuple[RuleTried, ...]
    unmet: tuple[NeedTried, ...]
    uncovered: tuple[MatrixControl, ...]


def coverage_in_store(  # noqa: PLR0913 - each is an input that decides
    ruling: Ruling,
    reading: Reading,
    *,
    as_of: Instant,
    among: Collection[str] | None,
    system: str | None,
    most: int,
) -> Coverage:
    """Return how the rules of a ruling fare over the releases of a store.

    Raises:
        UsageError: ``system-unknown`` or ``releases-too-many``.
    """
    judgements = judged_in_store(
        ruling, reading, as_of=as_of, among=among, system=system, most=most
    )
    found = tried((one.assessment for one in judgements), ruling.bundle.policies)
    gaps = [one for one in matrix_of(ruling).controls if one.state == "gap"]
    return Coverage(
        as_of=as_of,
        releases=found.releases,
        rules=found.rules,
        needs=found.needs,
        vacuous=found.vacuous,
        unmet=found.unmet,
        uncovered=tuple(gaps),
    )
