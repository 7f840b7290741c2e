"""What differs between two packs: each cause is shown by judging again, or told from digests."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assaybook.domain.documents import Evidence
from assaybook.domain.errors import SubmitterError, UsageError
from assaybook.domain.finding import Disposition, Outcome, Standing
from assaybook.evaluation.assess import Inputs, assess
from assaybook.reporting.json import findings_json
from assaybook.service.pack_diff import FindingDiff, PackDiff, compare, compare_files
from assaybook.service.pack_diff_read import Side
from support.assessing import (
    a_catalog,
    a_control,
    a_policy,
    a_waiver,
    assessed,
    at,
    inputs,
    links,
)
from support.commands import assay
from support.evidence import a_document, a_metric, a_subject
from support.rules import a_rule

GOOD = a_document(a_metric(value=0.9), name="good.json")
BAD = a_document(a_metric(value=0.5), name="bad.json", age=0.5)
STRICT = a_policy(
    a_rule(id="floor", for_each="recall", pass_when="row.value >= 0.95", needs=("recall",)),
    version=2,
)


def _side(given: Inputs, name: str = "a.pdf", **head: Any) -> Side:
    found = assess(given)
    if head:
        found = found.model_copy(update={"assessment": found.assessment.model_copy(update=head)})
    names = {one.envelope.id: one.envelope.name for one in given.evidence}
    return Side(name, found, given, "", names)


def _between(before: Inputs, after: Inputs) -> PackDiff:
    return compare(_side(before), _side(after, "b.pdf"))


def _only(found: PackDiff) -> FindingDiff:
    (one,) = found.findings
    return one


def test_a_newer_document_is_the_cause_where_putting_it_back_undoes_the_change() -> None:
    found = _between(inputs(GOOD), inputs(GOOD, BAD, as_of=at(1)))
    one = _only(found)
    assert (one.before, one.after, one.causes) == (Outcome.PASS, Outcome.FAIL, ("evidence",))
    assert one.details[0].startswith("new: bad.json (ev-")
    assert one.details[1].startswith("no longer counted: good.json (ev-")
    assert {one.control: (one.before, one.after, one.causes) for one in found.controls} == {
        "A": (Standing.NOT_COVERED, Standing.NOT_MET, ("evidence",)),
        "A1": (Standing.MET, Standing.NOT_MET, ("evidence",)),
    }
    assert (found.method, found.why, found.unchanged) == ("judged again", "", 0)


def test_a_stricter_policy_is_the_cause_and_what_changed_of_it_is_said() -> None:
    one = _only(_between(inputs(GOOD), inputs(GOOD, policies=(STRICT,), as_of=at(1))))
    assert one.causes == ("policy",)
    assert one.details == ("version 1 became 2",)


def test_time_is_the_cause_where_nothing_else_moved() -> None:
    one = _only(_between(inputs(GOOD), inputs(GOOD, as_of=at(200))))
    assert (one.after, one.causes) == (Outcome.INCONCLUSIVE, ("time",))
    assert one.details == ("2026-11-20T00:00:00Z became 2027-06-08T00:00:00Z: stale",)


def test_a_waiver_is_the_cause_of_a_changed_disposition() -> None:
    one = _only(_between(inputs(BAD), inputs(BAD, waivers=(a_waiver(),), as_of=at(1))))
    assert (one.disposition_before, one.disposition_after) == (
        Disposition.OPEN,
        Disposition.WAIVED,
    )
    assert one.causes == ("waiver",)
    assert one.details == ("waiver none became W-1",)


def test_another_subject_is_the_cause_where_a_policy_no_longer_applies() -> None:
    policy = a_policy(applies="system.generative == true")
    subject = a_subject()
    changed = replace_generative(subject)
    one = _only(
        _between(
            inputs(GOOD, policies=(policy,), subject=changed),
            inputs(GOOD, policies=(policy,), subject=replace_generative(subject, on=False)),
        )
    )
    assert one.causes == ("subject",)
    assert one.details == ("its record",)


def replace_generative(subject: Any, *, on: bool = True) -> Any:
    """Return a subject that generates, or does not."""
    system = subject.system.model_copy(update={"generative": on})
    return subject.model_copy(update={"system": system})


def test_two_causes_that_both_count_are_both_named() -> None:
    late = a_document(a_metric(value=0.85), name="late.json", age=0.5)
    one = _only(_between(inputs(BAD, policies=(STRICT,)), inputs(late)))
    assert one.causes == ("policy", "evidence")


def test_two_causes_of_which_each_is_enough_are_both_named() -> None:
    one = _only(_between(inputs(GOOD), inputs(BAD, policies=(STRICT,))))
    assert one.causes == ("policy", "evidence")


def test_a_rule_that_is_new_or_gone_is_the_policies_doing() -> None:
    other = a_policy(id="house.other")
    found = _between(inputs(GOOD), inputs(GOOD, policies=(a_policy(), other)))
    assert (_only(found).before, _only(found).causes) == (None, ("policy",))
    assert _only(found).details == ("the rule is new",)
    back = _between(inputs(GOOD, policies=(a_policy(), other)), inputs(GOOD))
    assert _only(back).details == ("the rule is gone",)
    assert back.unchanged == 1


def test_what_one_engine_sees_alike_is_the_engines_doing() -> None:
    before, after = _side(inputs(GOOD)), _side(inputs(GOOD, engine="assaybook next"), "b.pdf")
    (finding,) = after.assessment.findings
    told = after.assessment.model_copy(
        update={"findings": (finding.model_copy(update={"outcome": Outcome.FAIL}),)}
    )
    one = _only(compare(before, replace(after, assessment=told)))
    assert one.causes == ("engine",)
    assert one.details == ("assaybook test became assaybook next",)


def test_without_facts_causes_are_told_from_digests_and_that_is_said() -> None:
    before = replace(_side(inputs(GOOD)), inputs=None, why_not="it holds no facts")
    found = compare(before, _side(inputs(GOOD, BAD, as_of=at(1)), "b.pdf"))
    assert (found.method, found.why) == ("told from digests", "a.pdf: it holds no facts")
    assert _only(found).causes == ("evidence",)


def test_nothing_differs_between_a_pack_and_itself() -> None:
    found = _between(inputs(GOOD), inputs(GOOD))
    assert (found.findings, found.controls, found.unchanged) == ((), (), 1)


def test_packs_of_two_systems_are_not_compared() -> None:
    other = a_subject()
    other = other.model_copy(update={"system": other.system.model_copy(update={"id": "t"})})
    with pytest.raises(UsageError) as refused:
        _between(inputs(GOOD), inputs(GOOD, subject=other))
    assert refused.value.code == "diff-elsewhere"


@pytest.mark.parametrize(
    ("more", "cause"),
    [
        ({"bundle": f"sha256:{'0' * 64}"}, "policy"),
        ({"evidence_set": f"sha256:{'0' * 64}"}, "evidence"),
        ({"engine": "x"}, "engine"),
        ({}, "time"),
    ],
    ids=["policy", "evidence", "engine", "time"],
)
def test_a_control_that_stands_otherwise_without_a_changed_rule_has_a_cause_too(
    more: dict[str, str], cause: str
) -> None:
    before = _side(inputs(GOOD))
    after = _side(inputs(GOOD), "b.pdf", **more)
    standings = tuple(
        one.model_copy(update={"standing": Standing.NOT_APPLICABLE})
        for one in after.assessment.standings
        if one.control == "A2"
    )
    kept = tuple(one for one in after.assessment.standings if one.control != "A2")
    told = after.assessment.model_copy(update={"standings": (*kept, *standings)})
    (control,) = compare(before, replace(after, assessment=told)).controls
    assert (control.control, control.causes) == ("A2", (cause,))


def test_many_documents_are_counted_after_the_first_six() -> None:
    many: Sequence[Evidence] = [
        a_document(a_metric(value=0.5, slice=f"s{n}"), name=f"{n}.json", submission="x", age=0.5)
        for n in range(9)
    ]
    one = _only(_between(inputs(GOOD), inputs(*many)))
    assert one.details[0].endswith(" and 3 more")


def test_the_causes_of_a_shipped_control_reach_what_it_is_part_of() -> None:
    rmf = a_catalog(
        a_control("MEASURE", judgeable=False),
        a_control("MEASURE 2.3", "MEASURE"),
        catalog_id="nist-ai-rmf-1.0",
    )
    policy = a_policy(controls=(replace(links("MEASURE 2.3")[0], catalog=rmf.id),))
    sides = (
        replace(_side(inputs(one, policies=(policy,), catalogs=(rmf,))), inputs=None)
        for one in (GOOD, BAD)
    )
    assert {one.control: one.causes for one in compare(*sides).controls} == {
        "MEASURE": ("evidence",),
        "MEASURE 2.3": ("evidence",),
    }


def test_findings_as_json_are_compared_from_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(findings_json(assessed(GOOD)), encoding="utf-8")
    (tmp_path / "b.json").write_text(findings_json(assessed(BAD)), encoding="utf-8")
    files = ("a.json", "b.json")
    value = assay("pack", "diff", *files, "--format", "json", inside=tmp_path).value
    assert value["findings"][0]["causes"] == ["evidence"]
    table = assay("pack", "diff", *files, inside=tmp_path)
    assert "house.recall / floor" in table.out
    assert "2 controls and 1 rules differ" in table.err
    assert assay("pack", "diff", *files, "--format", "markdown", inside=tmp_path).out.startswith(
        "# Before and after"
    )
    csv = assay("pack", "diff", *files, "--format", "csv", inside=tmp_path).out
    assert csv.startswith("rule,before,after")


@pytest.mark.parametrize("raw", [b"%PDF-1.7\n%%EOF\n", b"%PDF-2", b"{}"], ids=range(3))
def test_what_is_no_pack_is_refused(raw: bytes, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(raw)
    with pytest.raises(SubmitterError):
        compare_files(tmp_path / "a", tmp_path / "a")
