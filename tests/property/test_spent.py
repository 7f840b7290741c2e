"""What is spent can be left out of any judgement: no need comes to anything else without it."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from assaybook.domain.documents import Evidence
from assaybook.domain.evidence import AboutArtifact
from assaybook.domain.policy import Assurance, Need
from assaybook.domain.waiver import Retirement
from assaybook.evaluation.needs import Bound, bind, by_family
from assaybook.evaluation.spent import spent, standing_at
from support.assessing import at
from support.evidence import MODEL, a_document, a_fact, a_metric, covered
from support.rules import a_need, asked, secrets

OTHER = f"sha256:{'7' * 64}"
NEEDS: tuple[Need, ...] = (
    a_need(name="recall", where='row.name == "recall"'),
    a_need(name="recall", where='row.name == "recall"', fresh_for=None, about="model"),
    a_need(name="recall", where='row.name == "recall"', assurance=Assurance.SIGNED),
    a_need(name="rare", where='row.name == "odd" || row.name == "odder"', of=("metric/quality",)),
    secrets(fresh_for='duration("480h")'),
    secrets(about="system", min_examined=0.5),
)
FAMILIES = frozenset({"metric", "security"})
COUNTS: tuple[dict[str, Any], ...] = (
    *({}, {}, {}),
    *({"errored": 1}, {"skipped": 9}, {"examined": None}, {"failed": 1}),
)
days = st.integers(-20, 20).map(float)


@st.composite
def documents(draw: st.DrawFn) -> Evidence:
    """Return a document of few sources, most of them alike, so that many take another's place."""
    age = draw(days | st.none())
    received = draw(days) if age is None else age - draw(st.sampled_from((0.0, 0.0, 3.0)))
    name = draw(st.sampled_from(("recall", "recall", "odd", "other")))
    facts: list[Any] = [a_metric(name, value=draw(st.sampled_from((0.7, 0.9))))]
    if draw(st.integers(0, 2)) == 0:
        facts = [a_fact("security", fingerprint="f", severity="high", **{"class": "secret"})]
    if draw(st.integers(0, 5)) == 0:
        facts = []
    question = "metric/quality" if facts and facts[0].type == "metric" else "security/secret"
    counts = draw(st.sampled_from(COUNTS))
    digest = draw(st.sampled_from((MODEL, MODEL, None, OTHER)))
    return a_document(
        *facts,
        coverage=(covered(question, **counts),),
        name=f"{age} {received} {draw(st.integers(0, 9))}",
        tool=draw(st.sampled_from(("tool", "tool", "other"))),
        age=age,
        received=received,
        release=draw(st.sampled_from(("1", "1", "1", "2"))),
        artifacts=() if digest is None else (AboutArtifact(digest=digest, kind="model"),),
        assurance=draw(st.sampled_from((Assurance.CI, Assurance.SIGNED))),
        submission=draw(st.sampled_from(("", "", "", "one"))),
    )


def _retired(day: float) -> Retirement:
    return Retirement(format="tool", tool="tool", reason="Gone.", person="mara", at=at(-day))


def _told(bound: Bound) -> tuple[object, ...]:
    """Return all that a need comes to, with the words of its reasons; what matched none apart."""
    reasons = [
        (one.code, one.path, "" if one.code == "no_match" else one.message)
        for one in bound.use.open
    ]
    silent = replace(bound.bag, ghost=None)
    return (
        repr(silent),
        reasons,
        bound.use.model_copy(update={"notes": (), "open": ()}),
        bound.expires_at,
    )


@given(
    st.lists(documents(), max_size=9, unique_by=lambda one: one.envelope.id),
    st.lists(days, max_size=2),
    st.lists(days, min_size=1, max_size=4),
)
def test_without_what_is_spent_every_need_comes_to_the_same_in_the_same_words(
    evidence: list[Evidence], retired: list[float], looked: list[float]
) -> None:
    evidence.sort(key=lambda one: one.envelope.id)
    retirements = tuple(map(_retired, retired))
    found = spent(evidence, FAMILIES, sorted(one.at for one in retirements))
    few, told = standing_at(evidence, found.since), standing_at(evidence, found.told)
    for each in looked:
        instant = at(-each)
        for need in NEEDS:
            whole = _bound(need, _received(evidence, instant), retirements, instant)
            assert _told(_bound(need, told(instant), retirements, instant)) == _told(whole)
            decided = _bound(need, few(instant), retirements, instant)
            assert _decides(decided) == _decides(whole)


def _decides(bound: Bound) -> tuple[object, ...]:
    silent = replace(bound.bag, ghost=None)
    return (repr(silent), bound.bag.ghost is None, bound.use.evidence, bound.expires_at)


def _received(evidence: list[Evidence], instant: datetime) -> tuple[Evidence, ...]:
    return tuple(one for one in evidence if one.envelope.received_at <= instant)


def _bound(
    need: Need,
    evidence: tuple[Evidence, ...],
    retirements: tuple[Retirement, ...],
    instant: datetime,
) -> Bound:
    given_ = replace(asked(retirements=retirements), by_family=by_family(evidence), as_of=instant)
    return bind(need, given_)
