"""Cases of a policy, ready to be judged: what they hold and what each rule must come to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar, cast

from pydantic import BaseModel, JsonValue

from assaybook.domain.documents import Evidence
from assaybook.domain.errors import AuthorError
from assaybook.domain.evidence import AboutSubject
from assaybook.domain.fact_types import FACT_TYPES
from assaybook.domain.facts import AnyFact, Attestation
from assaybook.domain.finding import Outcome
from assaybook.domain.policy import Assurance, Overlay, ParamValue, Policy
from assaybook.domain.reasons import PRECEDENCE
from assaybook.domain.record import record
from assaybook.domain.subject import Release, Subject, System
from assaybook.domain.waiver import Waiver
from assaybook.language.build_params import read_param_value
from assaybook.language.cases_parts import (
    about_subject,
    checked,
    envelope_of,
    expected_of,
    may_be_null,
    unknown_rule,
    waiver_of,
)
from assaybook.language.cases_table import base_of, rows_of, too_large
from assaybook.language.document_cases import (
    CaseAttestation,
    CaseDocument,
    CaseEvidence,
    CasesDocument,
    CaseTable,
    CaseWaiver,
    Expected,
)
from assaybook.language.document_problems import (
    problems_of,
    raise_all,
    read_document,
    unknown_word,
)
from assaybook.language.durations import read_duration
from assaybook.language.overlay import OverlaySetDocument, set_of
from assaybook.language.source import Path, Source

_Model = TypeVar("_Model", bound=BaseModel)
_SYSTEM: Final[Mapping[str, JsonValue]] = {"id": "case"}
_RELEASE: Final[Mapping[str, JsonValue]] = {"version": "1"}
_OVERLAY: Final = "overlay of the case"
_NEEDED: Final = (Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE)


@record
class CaseFile:
    """A real file beside the cases, and what the case declares about it.

    ``path`` is relative to the folder of the cases file; ``declared`` has its instants filled in.
    """

    path: str
    declared: CaseEvidence


@record
class Case:
    """One case. ``params`` are set over all overlays, relaxing or not; ``where`` is its place."""

    name: str
    where: str
    subject: Subject
    as_of: datetime
    params: Mapping[str, ParamValue]
    overlays: tuple[Overlay, ...]
    evidence: tuple[Evidence, ...]
    files: tuple[CaseFile, ...]
    waivers: tuple[Waiver, ...]
    expect: Mapping[str, Expected]

    def unasserted(self, policy: Policy) -> tuple[str, ...]:
        """Return the rules of which the case says nothing; each of them fails the case."""
        return tuple(rule.id for rule in policy.rules if rule.id not in self.expect)


@record
class Cases:
    """The cases of one policy, in the order of their file."""

    policy: str
    file: str
    cases: tuple[Case, ...]


def load_cases(source: Source, policy: Policy) -> Cases:
    """Return the cases of a policy.

    Raises:
        ProblemsError: with every fault, each at its place.
    """
    document = read_document(CasesDocument, source, may_be_null=may_be_null)
    problems: list[AuthorError] = []
    if document.policy != policy.id:
        message = f"these cases are of {document.policy}, and the policy beside them is {policy.id}"
        where = source.where(("policy",))
        problems.append(AuthorError("cases-policy", message, where=where))
    default = dict(document.defaults.evidence)
    checked(CaseEvidence, default, source, ("defaults", "evidence"), problems)
    raise_all([*problems, *too_large(source)])
    if not document.cases and not document.tables:
        hint = "Write one under cases:, or a table under tables:."
        problems.append(AuthorError("cases-empty", "no case", where=source.where(), hint=hint))
    names = [case.name for case in document.cases]
    cases: list[Case] = []
    for index, written in enumerate(document.cases):
        path: Path = ("cases", index)
        builder = _Builder(source, document, policy, path, path, problems)
        if written.name in names[:index]:
            builder.refuse("case-twice", f"the name {written.name!r} is used twice", ("name",))
        built = builder.case(written)
        cases += [built] if built else []
    for index, table in enumerate(document.tables):
        path = ("tables", index)
        if table.name in names:
            message = f"the name {table.name!r} is used twice"
            where = source.where((*path, "name"))
            problems.append(AuthorError("case-twice", message, where=where))
        names.append(table.name)
        cases += _of_table(table, document, policy, (source, path), problems)
    raise_all(problems)
    return Cases(policy.id, source.file, tuple(cases))


def _of_table(
    table: CaseTable,
    document: CasesDocument,
    policy: Policy,
    place: tuple[Source, Path],
    problems: list[AuthorError],
) -> list[Case]:
    """Return the cases of a table; a fault that rows share is told once, and where it is theirs."""
    source, path = place
    cases: list[Case] = []
    unknown = [
        unknown_rule(name, policy, source.where((*path, "expect", index)))
        for index, name in enumerate(table.expect)
        if name not in {rule.id for rule in policy.rules}
    ]
    if unknown:
        problems += unknown
        return []
    shared: list[AuthorError] = []
    base = base_of(table, source, path)
    _Builder(source, document, policy, base.base, base.place, shared).case(base.case)
    where = {(one.code, one.message): one.where for one in shared}
    told: set[tuple[str, str]] = set()
    for row in rows_of(table, source, path, problems):
        found: list[AuthorError] = []
        builder = _Builder(source, document, policy, row.base, row.place, found)
        built = builder.case(row.case)
        cases += [built] if built else []
        for each in found:
            known = (each.code, each.message)
            if known not in told:
                told.add(known)
                at = where.get(known) or source.where(row.place)
                problems.append(AuthorError(each.code, each.message, where=at, hint=each.hint))
    return cases


def missing_cases(policy: Policy, cases: Cases | None) -> tuple[str, ...]:
    """Return, in words, which rules lack a pass, a fail or an unknown case.

    A rule with ``on_unknown: fail`` shows an unknown as a fail with reasons.
    """
    told: list[str] = []
    for rule in policy.rules:
        seen: set[Outcome] = set()
        for case in cases.cases if cases else ():
            expected = case.expect.get(rule.id)
            if expected is not None:
                unknown = rule.on_unknown == "fail" and expected.reasons
                seen.add(Outcome.INCONCLUSIVE if unknown else expected.outcome)
        lacking = [outcome.value for outcome in _NEEDED if outcome not in seen]
        if lacking:
            told.append(f"rule {rule.id} has no case that comes to {', '.join(lacking)}")
    return tuple(told)


@dataclass(slots=True)
class _Builder:
    source: Source
    document: CasesDocument
    policy: Policy
    path: Path
    place: Path
    problems: list[AuthorError]

    def refuse(self, code: str, message: str, inner: Path, hint: str = "") -> None:
        where = self.source.where((*self.path, *inner))
        self.problems.append(AuthorError(code, message, where=where, hint=hint))

    def case(self, written: CaseDocument) -> Case | None:
        defaults = self.document.defaults
        as_of = written.as_of or defaults.as_of
        if as_of is None:
            self.refuse("missing-key", "neither the case nor the defaults say as_of", ())
        subject = self._subject(written)
        self._expectations(written)
        params = self._params({**defaults.params, **written.params})
        if as_of is None or subject is None:
            return None
        about = about_subject(subject)
        read = [
            self._document({**defaults.evidence}, dict(each), about, as_of, index)
            for index, each in enumerate(written.evidence)
        ]
        answers = [
            self._attestation(each, about, index) for index, each in enumerate(written.attestations)
        ]
        return Case(
            name=written.name,
            where=self.source.where(self.place),
            subject=subject,
            as_of=as_of,
            params=params,
            overlays=self._overlays(written),
            evidence=tuple(each for each in (*read, *answers) if isinstance(each, Evidence)),
            files=tuple(each for each in read if isinstance(each, CaseFile)),
            waivers=tuple(
                waiver
                for index, each in enumerate(written.waivers)
                if (waiver := self._waiver(each, subject, as_of, index)) is not None
            ),
            expect={name: expected_of(each) for name, each in written.expect.items()},
        )

    def _subject(self, written: CaseDocument) -> Subject | None:
        defaults = self.document.defaults
        system = self._model(System, {**_SYSTEM, **defaults.system, **written.system}, ("system",))
        merged = {**_RELEASE, **defaults.release, **written.release}
        release = self._model(Release, merged, ("release",))
        held = {**defaults.baseline, **written.baseline}
        baseline = self._model(Release, held, ("baseline",)) if held else None
        if system is None or release is None:
            return None
        return Subject(system=system, release=release, baseline=baseline)

    def _model(
        self, model: type[_Model], data: Mapping[str, JsonValue], inner: Path
    ) -> _Model | None:
        return checked(model, data, self.source, (*self.path, *inner), self.problems)

    def _expectations(self, written: CaseDocument) -> None:
        rules = [rule.id for rule in self.policy.rules]
        for name, expected in written.expect.items():
            at = (*self.path, "expect", name)
            if name not in rules:
                self.problems.append(unknown_rule(name, self.policy, self.source.where_key(at)))
            for index, code in enumerate(expected_of(expected).reasons):
                if code not in PRECEDENCE and not code.startswith("error:"):
                    where = self.source.where((*at, "reasons", index))
                    problem = unknown_word("reason-unknown", "reason", code, PRECEDENCE, where)
                    self.problems.append(problem)

    def _params(self, written: Mapping[str, JsonValue]) -> dict[str, ParamValue]:
        params: dict[str, ParamValue] = {}
        for name, value in written.items():
            own: Path = (*self.path, "params", name)
            at: Path = own if self._stands(own) else ("defaults", "params", name)
            param = self.policy.params.get(name)
            if param is None:
                where = self.source.where_key(at)
                what = f"param of {self.policy.id}"
                known = list(self.policy.params)
                self.problems.append(unknown_word("param-unknown", what, name, known, where))
                continue
            try:
                params[name] = read_param_value(param, value, self.source, at)
            except AuthorError as error:
                self.problems += problems_of(error)
        return params

    def _overlays(self, written: CaseDocument) -> tuple[Overlay, ...]:
        found: list[Overlay] = []
        for index, each in enumerate(written.overlays):
            said = {**each.model_dump(by_alias=True), "policy": self.policy.id}
            document = OverlaySetDocument.model_validate(said)
            path: Path = (*self.path, "overlays", index)
            one = set_of(document, self.policy, self.source, path, self.problems)
            found.append(Overlay(f"{_OVERLAY} {index + 1}", (one,)))
        return tuple(found)

    def _stands(self, path: Path) -> bool:
        holder = self.source.node(path[:-1]).value
        return isinstance(holder, dict) and path[-1] in holder

    def _document(
        self,
        default: dict[str, JsonValue],
        written: dict[str, JsonValue],
        own: AboutSubject,
        as_of: datetime,
        index: int,
    ) -> Evidence | CaseFile | None:
        inner: Path = ("evidence", index)
        if {"age", "produced_at"} & set(written):
            default = {k: v for k, v in default.items() if k not in {"age", "produced_at"}}
        read = self._model(CaseEvidence, {**default, **written}, inner)
        if read is None:
            return None
        if read.age is not None and read.produced_at is not None:
            self.refuse("case-age", "age and produced_at say the same thing twice", inner)
        if (read.file is None) == (not read.facts and not read.coverage):
            message = "evidence is either a file, or facts and coverage"
            self.refuse("case-evidence", message, inner)
        made = read.produced_at
        if read.age is not None:
            made = as_of - (read_duration(read.age) or timedelta(0))
        filled = read.model_copy(
            update={"produced_at": made, "received_at": read.received_at or as_of, "age": None}
        )
        if filled.file is not None:
            return CaseFile(filled.file, filled)
        facts = [
            self._fact(row, filled.type, (*inner, "facts", number), number)
            for number, row in enumerate(filled.facts)
        ]
        envelope = envelope_of(filled, filled.about or own, as_of)
        return Evidence(
            envelope=envelope,
            coverage=filled.coverage,
            facts=tuple(fact for fact in facts if fact is not None),
        )

    def _fact(
        self, row: Mapping[str, JsonValue], kind: str | None, inner: Path, number: int
    ) -> AnyFact | None:
        named = row.get("type", kind)
        if not isinstance(named, str) or named not in FACT_TYPES:
            where = self.source.where((*self.path, *inner))
            known = list(FACT_TYPES)
            word = "" if named is None else str(named)
            problem = unknown_word("facts-unknown", "fact type", word, known, where)
            self.problems.append(problem)
            return None
        data = {"pointer": f"/facts/{number}", **row, "type": named}
        fact = self._model(FACT_TYPES[named].model, data, inner)
        return cast("AnyFact | None", fact)

    def _attestation(
        self, written: CaseAttestation, own: AboutSubject, index: int
    ) -> Evidence | None:
        if not self._rule_known(written.rule, ("attestations", index, "rule")):
            return None
        answer = Attestation(
            pointer=f"/attestations/{index}",
            policy=self.policy.id,
            rule=written.rule,
            person=written.person,
            answer=written.answer,
            role=written.role,
            signed_at=written.signed_at,
            valid_until=written.valid_until,
        )
        shape = CaseEvidence().model_copy(
            update={
                "produced_at": written.signed_at,
                "received_at": written.signed_at,
                "assurance": Assurance.VERIFIED,
                "run": f"{written.person} {index}",
            }
        )
        envelope = envelope_of(shape, own, written.signed_at)
        return Evidence(envelope=envelope, facts=(answer,))

    def _waiver(
        self, written: CaseWaiver, subject: Subject, as_of: datetime, index: int
    ) -> Waiver | None:
        inner: Path = ("waivers", index)
        if not self._rule_known(written.rule, (*inner, "rule")):
            return None
        if written.whole == bool(written.rows):
            message = "a waiver names rows, or says whole: true, and not both"
            self.refuse("waiver-names-nothing", message, inner)
            return None
        return waiver_of(written, self.policy, subject, as_of, index)

    def _rule_known(self, name: str, inner: Path) -> bool:
        known = name in {rule.id for rule in self.policy.rules}
        if not known:
            where = self.source.where((*self.path, *inner))
            self.problems.append(unknown_rule(name, self.policy, where))
        return known
