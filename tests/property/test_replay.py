"""What a replay comes to at any instant is what an assessment as of that instant comes to."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from assaybook.domain.documents import Evidence
from assaybook.domain.evidence import AboutArtifact, Coverage
from assaybook.domain.finding import Finding
from assaybook.domain.policy import Policy
from assaybook.domain.subject import Artifact, Subject
from assaybook.domain.waiver import Retirement, Waiver
from assaybook.evaluation.assess import Inputs, assess
from assaybook.evaluation.replay import said
from assaybook.language.sentence import rule_sentence
from assaybook.service.bundles import Ruling
from assaybook.service.replay_past import Moment, Past
from assaybook.service.replay_side import Stretch, run_of, side_of
from support.assessing import a_policy, a_waiver, approval_rule, at, inputs, links
from support.evidence import MODEL, a_document, a_fact, a_metric, a_subject, covered
from support.rules import a_need, a_rule, secrets

OTHER = f"sha256:{'7' * 64}"
FIRST, LAST = at(-100), at(100)
RECALL = a_policy()
DRILLED = a_policy(
    a_rule(
        id="drilled",
        for_each="drill",
        pass_when='age(row.tested_at) >= duration("0s") && age(row.tested_at) < duration("480h")',
        needs=("drill",),
    ),
    id="house.drill",
    needs=(a_need("operation", name="drill", where='row.kind == "rollback"', about="system"),),
    controls=links("A2"),
)
HISTORY = a_policy(
    a_rule(id="trend", for_each="runs", pass_when="row.value >= 0.8", needs=("runs",)),
    id="house.trend",
    needs=(a_need(name="runs", where='row.name == "recall"', last=2, within='duration("960h")'),),
    controls=links("A2"),
)
ASKED = a_policy(approval_rule(people=1), id="house.asked", needs=(), controls=links("A2"))
OF_MODELS = a_policy(
    a_rule(id="each", for_each="recall", pass_when="row.value >= 0.8", needs=("recall",)),
    id="house.models",
    needs=(a_need(name="recall", where='row.name == "recall"', about="model"),),
    controls=links("A2"),
    applies='release.stage == "production"',
)
CLEAN = a_policy(
    a_rule(id="none", pass_when="!secrets.exists(s, true)", needs=("secrets",)),
    id="house.clean",
    needs=(secrets(name="secrets", fresh_for='duration("480h")', min_examined=0.5),),
    controls=links("A2"),
)
POLICIES: tuple[Policy, ...] = (RECALL, DRILLED, HISTORY, ASKED, OF_MODELS, CLEAN)

ages = st.integers(-60, 90).map(float) | st.floats(-60, 90, allow_nan=False, width=16)


@st.composite
def recalls(draw: st.DrawFn) -> Evidence:
    age, value = draw(ages), draw(st.sampled_from((0.7, 0.9)))
    digest = draw(st.sampled_from((None, MODEL, OTHER)))
    system = draw(st.sampled_from(("s", "s", None)))
    return a_document(
        a_metric(value=value),
        name=f"{age} {value} {system}",
        tool=draw(st.sampled_from(("tool", "other"))),
        age=age,
        received=age - draw(st.sampled_from((0.0, 1.0))),
        release=draw(st.sampled_from(("1", "2", None))),
        system=system,
        artifacts=() if digest is None else (AboutArtifact(digest=digest, kind="model"),),
    )


@st.composite
def scans(draw: st.DrawFn) -> Evidence:
    """Return one of many scans of one or two scanners, now and then not whole or with a find."""
    age, number = draw(ages), draw(st.integers(0, 3))
    found = [a_fact("security", fingerprint="f", severity="high", **{"class": "secret"})]
    odd = draw(st.sampled_from(({}, {}, {}, {"errored": 1}, {"skipped": 60}, {"failed": 1})))
    return a_document(
        *(found if number == 0 else ()),
        coverage=(_scanned(**odd),),
        name=f"scan {age} {number} {odd}",
        tool=draw(st.sampled_from(("scan", "scan", "other"))),
        age=age,
        received=age - draw(st.sampled_from((0.0, 0.0, 5.0))),
        submission=draw(st.sampled_from(("", "", "one"))),
    )


def _scanned(**odd: int) -> Coverage:
    return covered("security/secret", **odd)


def _drill(age: float, tested: float) -> Evidence:
    fact = a_fact("operation", kind="rollback", target="t", tested_at=at(-tested))
    return a_document(fact, name=f"drill {age} {tested}", tool="drill", age=age, received=age)


def _answer(age: float, answer: str, until: float | None) -> Evidence:
    fact = a_fact(
        "attestation",
        policy="house.asked",
        rule="asked",
        person="ada",
        role="approver",
        answer=answer,
        signed_at=at(-age),
        valid_until=None if until is None else at(-until),
    )
    return a_document(fact, name=f"answer {age} {answer}", tool="desk", age=age, received=age)


documents = st.lists(
    recalls()
    | scans()
    | st.builds(_drill, ages, ages)
    | st.builds(_answer, ages, st.sampled_from(("yes", "no")), st.none() | ages),
    max_size=8,
    unique_by=lambda one: one.envelope.id,
)


@st.composite
def waivers(draw: st.DrawFn) -> Waiver:
    begins = draw(ages)
    return a_waiver(
        id=draw(st.sampled_from(("W-1", "W-2"))),
        starts=at(-begins),
        expires=at(20 - begins),
        compensating=draw(st.sampled_from((None, "house.trend/trend"))),
    )


def _retired(age: float) -> Retirement:
    return Retirement(format="tool", tool="other", reason="Gone.", person="mara", at=at(-age))


SUBJECTS = (
    a_subject(),
    a_subject(release={"stage": "staging"}),
    a_subject(
        release={
            "artifacts": tuple(
                Artifact(name=n, kind="model", digest=d) for n, d in (("m", MODEL), ("n", OTHER))
            )
        }
    ),
)


@st.composite
def pasts(draw: st.DrawFn) -> Past:
    """Return a system whose record, waivers and retirements change now and then."""
    times = sorted({FIRST, *(at(-age) for age in draw(st.lists(ages, max_size=3)))})
    moments: list[Moment] = []
    retired: tuple[Retirement, ...] = ()
    replaced_at: datetime | None = None
    for each in times:
        replaced_at = each if draw(st.integers(0, 3)) == 0 else replaced_at
        other = {"replaced_at": replaced_at}
        subject = draw(st.sampled_from(SUBJECTS)).model_copy(update=other)
        decided = {one.id: one for one in draw(st.lists(waivers(), max_size=2))}
        if draw(st.integers(0, 3)) == 0:
            retired = (*retired, _retired((at(0) - each) / timedelta(days=1)))
        digests = frozenset(one.digest for one in subject.release.artifacts)
        moments.append(Moment(each, {"1": subject}, tuple(decided.values()), retired, digests))
    evidence = sorted(draw(documents), key=lambda one: one.envelope.id)
    return Past(releases=(), moments=tuple(moments), evidence=tuple(evidence))


def _assessed(past: Past, given_: Inputs, instant: datetime) -> dict[tuple[str, str], Finding]:
    """Assess by what a store holds at an instant."""
    moment = [one for one in past.moments if one.at <= instant][-1]
    seen = tuple(one for one in past.evidence if _is_about(one, moment.digests))
    found = assess(
        replace(
            given_,
            subject=moment.subjects["1"],
            evidence=seen,
            waivers=moment.waivers,
            retirements=moment.retirements,
            as_of=instant,
        )
    )
    return {(one.policy, one.rule): one for one in found.findings}


def _same_words(told: Finding, finding: Finding) -> None:
    """Hold that all is told alike, save that fewer documents are listed that were left out."""
    assert _unlisted(told) == _unlisted(finding)
    assert set(told.left_out) <= set(finding.left_out)


def _unlisted(finding: Finding) -> Finding:
    needs = tuple(one.model_copy(update={"notes": ()}) for one in finding.needs)
    return finding.model_copy(update={"left_out": (), "needs": needs})


def _is_about(evidence: Evidence, digests: frozenset[str]) -> bool:
    said_ = evidence.envelope.subject
    return said_.system is not None or any(one.digest in digests for one in said_.artifacts)


@settings(max_examples=20)
@given(pasts(), st.lists(ages, min_size=1, max_size=3))
def test_a_replay_comes_at_any_instant_to_what_an_assessment_as_of_it_comes_to(
    past: Past, looked: Sequence[float]
) -> None:
    given_ = replace(inputs(policies=POLICIES), sentence=rule_sentence)
    side = side_of(Ruling(given_.bundle, given_.catalogs))
    runs = {one.id: run_of(side, one.id, Stretch(past, "1", FIRST, LAST)) for one in POLICIES}
    for each in (*looked, -100.0):
        instant = at(-each)
        expected = _assessed(past, given_, instant)
        for (policy, rule), finding in expected.items():
            run = runs[policy]
            turn = [one for one in run.course if one.at <= instant][-1]
            assert said(turn.findings[rule]) == said(finding)
            _same_words(run.told_at(instant)[rule], finding)


def test_the_subjects_that_are_drawn_differ() -> None:
    assert len(set[Subject](SUBJECTS)) == len(SUBJECTS)
