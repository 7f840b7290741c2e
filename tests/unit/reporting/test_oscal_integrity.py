"""Our checker of OSCAL: it refuses what models and schemas accept, and names place and reason."""

import base64
import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from assaybook.reporting.oscal import assessment_plan, assessment_results, poam
from assaybook.reporting.oscal.integrity import integrity_faults
from support import oscal

NOWHERE = "11111111-1111-4111-8111-111111111111"
Change = Callable[[Any], object]


@cache
def _results() -> bytes:
    return assessment_results(oscal.a_few())


@cache
def _plan() -> bytes:
    return assessment_plan(oscal.a_few())


@cache
def _poam() -> bytes:
    return poam(oscal.a_few()) or b""


def _result(body: Any) -> Any:
    return body["results"][0]


def _put(holder: Any, key: Any, value: Any) -> None:
    holder[key] = value


def _first(body: Any, key: str) -> Any:
    return _result(body)[key][0]


def _plan_resource(body: Any) -> Any:
    return body["back-matter"]["resources"][0]


def _link(body: Any) -> Any:
    return next(one for one in body["back-matter"]["resources"] if "rlinks" in one)["rlinks"][0]


def _observed_late(body: Any) -> None:
    _first(body, "observations")["collected"] = "2030-01-01T00:00:00Z"


def _other_plan(body: Any) -> None:
    """Put another plan in, of which every other thing holds."""
    plan = json.loads(_plan())
    objectives = plan["assessment-plan"]["local-definitions"]["objectives-and-methods"]
    del objectives[0]
    raw = json.dumps(plan).encode()
    _plan_resource(body)["base64"]["value"] = base64.b64encode(raw).decode()


def _inside(body: Any, raw: bytes) -> None:
    _plan_resource(body)["base64"]["value"] = base64.b64encode(raw).decode()


# What a change of good results does, and the code by which our checker refuses it. The models of
# compliance-trestle accept every one of them.
WRONG: dict[str, tuple[Change, str]] = {
    "an observation that is not there": (
        lambda b: _put(
            _first(b, "findings"), "related-observations", [{"observation-uuid": NOWHERE}]
        ),
        "oscal-reference",
    ),
    "a risk that is not there": (
        lambda b: _put(_first(b, "findings"), "related-risks", [{"risk-uuid": NOWHERE}]),
        "oscal-reference",
    ),
    "a resource that is not there": (
        lambda b: _put(_first(b, "observations")["relevant-evidence"][0], "href", f"#{NOWHERE}"),
        "oscal-reference",
    ),
    "a tool that is not there": (
        lambda b: _put(_first(b, "findings")["origins"][0]["actors"][0], "actor-uuid", NOWHERE),
        "oscal-reference",
    ),
    "a tool said to be a person": (
        lambda b: _put(_first(b, "findings")["origins"][0]["actors"][0], "type", "party"),
        "oscal-reference",
    ),
    "a subject that is not there": (
        lambda b: _put(_first(b, "observations")["subjects"][0], "subject-uuid", NOWHERE),
        "oscal-reference",
    ),
    "an objective that the plan does not have": (
        lambda b: _put(_first(b, "findings")["target"], "target-id", "invented_objective"),
        "oscal-reference",
    ),
    "an objective that the plan has lost": (_other_plan, "oscal-reference"),
    "a role that is not there": (
        lambda b: _put(
            next(r for r in _result(b)["risks"] if "risk-log" in r)["risk-log"]["entries"][0][
                "logged-by"
            ][0],
            "role-id",
            "ghost",
        ),
        "oscal-reference",
    ),
    "a party that is not there": (
        lambda b: _put(
            next(r for r in _result(b)["risks"] if "risk-log" in r)["risk-log"]["entries"][0][
                "logged-by"
            ][0],
            "party-uuid",
            NOWHERE,
        ),
        "oscal-reference",
    ),
    "one UUID for two findings": (
        lambda b: _put(_result(b)["findings"][1], "uuid", _first(b, "findings")["uuid"].upper()),
        "oscal-uuid-twice",
    ),
    "one id for two roles": (
        lambda b: _put(b["metadata"]["roles"][1], "id", b["metadata"]["roles"][0]["id"]),
        "oscal-id-twice",
    ),
    "a method of no vocabulary": (
        lambda b: _put(_first(b, "observations"), "methods", ["GUESS"]),
        "oscal-word",
    ),
    "a digest that is none": (
        lambda b: _put(_link(b)["hashes"][0], "value", "zz"),
        "oscal-digest-form",
    ),
    "a digest of too few digits": (
        lambda b: _put(_link(b)["hashes"][0], "value", "ab" * 20),
        "oscal-digest-form",
    ),
    "an algorithm that is not known": (
        lambda b: _put(_link(b)["hashes"][0], "algorithm", "CRC-32"),
        "oscal-digest-form",
    ),
    "an end before the start": (
        lambda b: _put(_result(b), "end", "2020-01-01T00:00:00Z"),
        "oscal-time-order",
    ),
    "evidence collected after the end": (_observed_late, "oscal-time-order"),
    "a version that is not there": (
        lambda b: _put(b["metadata"], "oscal-version", "1.9.9"),
        "oscal-version",
    ),
    "a control that the plan does not review": (
        lambda b: _result(b)["reviewed-controls"]["control-selections"][0][
            "include-controls"
        ].append({"control-id": "invented-1"}),
        "oscal-control",
    ),
    "an import that leads to nothing": (
        lambda b: _plan_resource(b).pop("base64"),
        "oscal-import",
    ),
    "an import of no resource": (
        lambda b: _put(b["import-ap"], "href", f"#{NOWHERE}"),
        "oscal-reference",
    ),
    "an import of something else": (
        lambda b: _inside(b, _poam()),
        "oscal-import",
    ),
    "an import of no document": (lambda b: _inside(b, b"plan"), "oscal-unreadable"),
    "a plan with another digest": (
        lambda b: _put(
            _plan_resource(b),
            "rlinks",
            [{"href": "x", "hashes": [{"algorithm": "SHA-256", "value": "0" * 64}]}],
        ),
        "oscal-digest-differs",
    ),
    "a lifecycle of no vocabulary": (
        lambda b: _put(
            next(r for r in _result(b)["risks"] if "remediations" in r)["remediations"][0],
            "lifecycle",
            "someday",
        ),
        "oscal-word",
    ),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=[one.replace(" ", "-") for one in WRONG])
def test_what_the_models_accept_and_does_not_hold_together_is_refused(
    case: tuple[Change, str],
) -> None:
    change, code = case
    raw = oscal.changed(_results(), change)
    if code != "oscal-version":  # the models name their versions
        assert oscal.told_by_trestle(raw) == ""
    faults = integrity_faults(raw)
    assert code in {one.code for one in faults}
    assert all(one.place and one.reason for one in faults)


FORMS: dict[str, tuple[Change, str]] = {
    "an-empty-list": (lambda b: _put(_result(b), "risks", []), "oscal-empty"),
    "a-null": (lambda b: _put(_result(b), "remarks", None), "oscal-empty"),
    "no-uuid": (lambda b: _put(b, "uuid", "4"), "oscal-uuid-form"),
    "a-uuid-of-version-1": (
        lambda b: _put(b, "uuid", "11111111-1111-1111-8111-111111111111"),
        "oscal-uuid-form",
    ),
    "a-time-without-zone": (
        lambda b: _put(b["metadata"], "last-modified", "2026-10-01T00:00:00"),
        "oscal-time-form",
    ),
    "a-day-that-is-none": (
        lambda b: _put(b["metadata"], "last-modified", "2026-13-01T00:00:00Z"),
        "oscal-time-form",
    ),
    "an-id-with-a-blank": (
        lambda b: _put(_first(b, "findings")["target"], "target-id", "a b"),
        "oscal-token-form",
    ),
    "an-id-that-begins-with-a-digit": (
        lambda b: _put(_first(b, "findings")["target"], "target-id", "4.1"),
        "oscal-token-form",
    ),
    "a-title-of-two-lines": (
        lambda b: _put(_first(b, "findings"), "title", "a\nb"),
        "oscal-text-form",
    ),
    "a-property-name-with-a-blank": (
        lambda b: _put(_first(b, "findings")["props"][0], "name", "a b"),
        "oscal-prop-form",
    ),
    "a-property-value-of-two-lines": (
        lambda b: _put(_first(b, "findings")["props"][0], "value", "a\nb"),
        "oscal-prop-form",
    ),
    "a-property-of-no-namespace": (
        lambda b: _put(_first(b, "findings")["props"][0], "ns", "ours"),
        "oscal-prop-form",
    ),
    "bytes-that-are-no-base64": (
        lambda b: _put(_plan_resource(b)["base64"], "value", "*"),
        "oscal-base64-form",
    ),
}


@pytest.mark.parametrize("case", FORMS.values(), ids=FORMS)
def test_a_value_of_the_wrong_form_is_refused_where_it_stands(case: tuple[Change, str]) -> None:
    change, code = case
    raw = oscal.changed(_results(), change)
    assert code in {one.code for one in integrity_faults(raw)}


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "oscal-unreadable"),
        (b"\xff", "oscal-unreadable"),
        (b"[]", "oscal-unreadable"),
        (b'{"catalog": NaN}', "oscal-unreadable"),
        (b'{"catalog": {"a": 1, "a": 2}}', "oscal-unreadable"),
        (b'{"catalog": ' + b'{"a":' * 80 + b"1" + b"}" * 81, "oscal-unreadable"),
        (b"[" * 100_000, "oscal-unreadable"),
        (b"{}", "oscal-model"),
        (b'{"catalog": {}, "profile": {}}', "oscal-model"),
        (b'{"assessment-results": 1}', "oscal-import"),
        (b'{"assessment-results": {"import-ap": 1, "results": [{"observations": [1]}]}}', ""),
    ],
    ids=range(11),
)
def test_no_bytes_are_believed_and_none_break_the_checker(raw: bytes, code: str) -> None:
    codes = {one.code for one in integrity_faults(raw)}
    assert codes
    assert code in {*codes, ""}


def test_a_plan_beside_is_held_against_the_results() -> None:
    apart = assessment_results(oscal.a_few(), plan_beside="plan.json")
    assert integrity_faults(apart) == ()
    assert integrity_faults(apart, plan=_plan()) == ()
    other = oscal.changed(_plan(), lambda body: body["metadata"].pop("props"))
    (fault,) = integrity_faults(apart, plan=other)
    assert fault.code == "oscal-digest-differs"


def test_a_control_that_no_catalog_has_is_refused_where_catalogs_are_given() -> None:
    (fault, *_more) = integrity_faults(_plan(), controls=frozenset({"govern-1.1"}))
    assert fault.code == "oscal-control"


def test_an_activity_about_a_control_that_the_plan_does_not_review_is_refused() -> None:
    def away(body: Any) -> None:
        body["reviewed-controls"]["control-selections"].pop()

    raw = oscal.changed(_plan(), away)
    assert oscal.told_by_trestle(raw) == ""
    assert {one.code for one in integrity_faults(raw)} == {"oscal-control"}
