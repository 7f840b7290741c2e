"""What a pack tells of before its findings: made again where that can be, and else said so."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from assaybook.domain.attachment import EVIDENCE_INDEX, HISTORY, OSCAL_POAM, REFUSALS
from assaybook.domain.canonical import canonical
from assaybook.domain.documents import Evidence
from assaybook.domain.policy import Severity
from assaybook.domain.refusal import Refusal
from assaybook.service.bundles import BundleFiles, Ruling, read_ruling
from assaybook.service.judge import ENGINE, Judgement, judged
from assaybook.service.pack_parts import pack_parts
from assaybook.service.pack_sources import PackSources
from assaybook.service.verify_derived import derived_steps, not_checked
from assaybook.service.verify_parts import Predicate, read_judged
from support.assessing import at
from support.evidence import a_document, a_metric, a_subject
from support.floor import POLICY
from support.refusals import a_refusal

SCOPE = "scope: ward\nremediate_within: {high: 5d}\n"
BAD: tuple[Evidence, ...] = (a_document(a_metric(value=0.5), name="bad.json", age=20, received=20),)
Parts = dict[str, bytes]


@pytest.fixture(scope="module")
def ruling(tmp_path_factory: pytest.TempPathFactory) -> Ruling:
    """Return a bundle of one policy, whose scope says when findings are due."""
    folder = tmp_path_factory.mktemp("ward")
    (folder / "policies" / "quality").mkdir(parents=True)
    (folder / "policies" / "quality" / "floor.yaml").write_text(POLICY, encoding="utf-8")
    (folder / "scope.yaml").write_text(SCOPE, encoding="utf-8")
    return read_ruling(BundleFiles(policies=(folder / "policies",), scope=folder / "scope.yaml"))


def _judgement(ruling: Ruling, as_of: datetime) -> Judgement:
    return judged(ruling, a_subject(), BAD, as_of=as_of, fail_on=Severity.HIGH)


@pytest.fixture(scope="module")
def parts(ruling: Ruling) -> Parts:
    """Return what a pack carries of a fail that was there ten days before, and of a refusal."""
    earlier = tuple(_judgement(ruling, at(day)).assessment for day in (-12, -10))
    refused: tuple[Refusal, ...] = (a_refusal("x.json", at=at(-3)),)
    sources = PackSources(history=earlier, refused=refused)
    found = pack_parts(_judgement(ruling, at(0)), sources, organisation="Ward")
    return {one.name: one.data for one in found}


def _codes(parts: Parts, engine: str = ENGINE) -> list[tuple[str, str]]:
    said = Predicate(
        as_of=at(0),
        assessment="",
        engine=engine,
        keys="none",
        log="none",
        made_at=None,
        organisation="Ward",
        pack="",
        profile="full",
        release="1",
        system="s",
        verdicts=(),
    )
    return [(one.code, one.where) for one in derived_steps(read_judged(parts), said, parts)]


def test_due_dates_and_oscal_follow_from_earlier_assessments_and_the_scope(parts: Parts) -> None:
    assert _codes(parts) == [("derived", EVIDENCE_INDEX)]
    (told,) = json.loads(parts[HISTORY])["remediation"]
    due = (at(-12) + timedelta(days=5)).isoformat().replace("+00:00", "Z")
    assert (told["due"], told["overdue"]) == (due, True)
    (item,) = json.loads(parts[OSCAL_POAM])["plan-of-action-and-milestones"]["poam-items"]
    props = {one["name"]: one["value"] for one in item["props"]}
    assert (props["due"], props["overdue"]) == (due, "yes")
    assert props["first-seen"] < due
    (risk,) = json.loads(parts[OSCAL_POAM])["plan-of-action-and-milestones"]["risks"]
    assert risk["deadline"] == due


def _earlier(told: Any) -> None:
    told["earlier"] = told["earlier"][1:]


def _later(told: Any) -> None:
    told["remediation"][0]["due"] = None


def _after(told: Any) -> None:
    told["earlier"][1]["as_of"] = "2030-01-01T00:00:00Z"


def _twice(told: Any) -> None:
    told["earlier"] = [told["earlier"][0]] * 2


def _elsewhere(told: Any) -> None:
    told["refused"][0]["release"] = "2"


@pytest.mark.parametrize(
    ("name", "change", "code", "where"),
    [
        (HISTORY, _earlier, "derived-otherwise", HISTORY),
        (HISTORY, _later, "derived-otherwise", HISTORY),
        (HISTORY, _after, "past-elsewhere", HISTORY),
        (HISTORY, _twice, "past-elsewhere", HISTORY),
        (REFUSALS, _elsewhere, "past-elsewhere", HISTORY),
    ],
    ids=["an assessment less", "no due date", "from the future", "twice", "of another release"],
)
def test_a_past_that_was_changed_is_bad(
    name: str, change: Callable[[Any], None], code: str, where: str, parts: Parts
) -> None:
    told = json.loads(parts[name])
    change(told)
    assert _codes({**parts, name: canonical(told)}) == [(code, where)]


def test_a_pack_without_the_past_that_its_due_dates_rest_on_is_bad(parts: Parts) -> None:
    assert _codes({name: data for name, data in parts.items() if name != HISTORY})[0][0] == (
        "derived-otherwise"
    )


def test_what_another_engine_made_is_good_where_this_one_makes_the_same(parts: Parts) -> None:
    assert _codes(parts, engine="assaybook 0.0.1") == [("derived", EVIDENCE_INDEX)]


@pytest.mark.parametrize("changed", [b"{}", b"", None], ids=["other", "unreadable", "not there"])
def test_of_what_another_engine_made_otherwise_nobody_can_tell(
    changed: bytes | None, parts: Parts
) -> None:
    some = {name: data for name, data in parts.items() if name != OSCAL_POAM}
    held = some if changed is None else {**some, OSCAL_POAM: changed}
    assert _codes(held, engine="assaybook 0.0.1") == [("engine-other", EVIDENCE_INDEX)]
    past = {name: data for name, data in parts.items() if name != HISTORY}
    assert _codes({**past, HISTORY: b"["}, engine="assaybook 0.0.1")[0][0] == "engine-other"


def test_what_nothing_in_a_pack_proves_is_said(parts: Parts, ruling: Ruling) -> None:
    pages, left_out, past = not_checked(parts, complete=False)
    assert "Whether the log holds another document" in left_out
    assert "Whether the log numbers each entry" in not_checked(parts, complete=True)[1]
    assert pages.startswith("What the pages say beside their verdicts")
    assert past.startswith("What 2 earlier assessments came to")
    alone = pack_parts(_judgement(ruling, at(0)), PackSources(), organisation="Ward")
    assert len(not_checked({one.name: one.data for one in alone}, complete=True)) == 2
