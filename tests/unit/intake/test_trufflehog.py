"""TruffleHog: each secret that it prints, and how far a scan got if its log is there."""

import json
from typing import Any

import pytest

from assaybook.domain.facts import Security
from support.documents import evidence_of, opened, refusal

SECRET = "made-up-for-a-test"
END = {
    "level": "info-0",
    "ts": "2026-11-20T09:00:05Z",
    "logger": "trufflehog",
    "msg": "finished scanning",
    "chunks": 4,
    "verified_secrets": 0,
    "unverified_secrets": 0,
    "trufflehog_version": "3.90.0",
}
START = {"level": "info-0", "logger": "trufflehog", "msg": "running source"}


def _hit(source: str = "Filesystem", /, **place: Any) -> dict[str, Any]:
    data = {source: place or {"file": "a.py", "line": 3, "email": "jane@ward.example"}}
    return {
        "SourceMetadata": {"Data": data},
        "SourceName": "trufflehog",
        "DetectorName": "AWS",
        "DecoderName": "PLAIN",
        "Verified": False,
        "Raw": SECRET,
        "RawV2": f"id:{SECRET}",
        "Redacted": SECRET[:6],
        "ExtraData": {"account": "jane@ward.example"},
        "StructuredData": None,
        "SecretParts": {"key": SECRET},
        "VerificationError": f"said {SECRET}",
    }


def _lines(*rows: dict[str, Any]) -> str:
    return "".join(f"{json.dumps(one)}\n" for one in rows)


def _found(content: object) -> list[Security]:
    return [one for one in evidence_of(content).facts if isinstance(one, Security)]


@pytest.mark.parametrize(
    "content",
    [_lines(_hit(), _hit()), [_hit(), _hit()]],
    ids=["lines", "a list"],
)
def test_each_secret_is_a_finding_and_two_in_one_line_are_two(content: object) -> None:
    found = _found(content)
    assert [(one.rule, one.location, one.severity) for one in found] == [
        ("AWS", "a.py:3", None)
    ] * 2
    assert len({one.fingerprint for one in found}) == 2


@pytest.mark.parametrize(
    ("hit", "location"),
    [
        (_hit("Git", commit="c0", file="b.py", line=0), "b.py"),
        (_hit("Docker", image="triage", layer="sha256:0"), "triage"),
        (_hit("Stdin", nothing=None), None),
    ],
)
def test_a_secret_is_where_its_source_says(hit: dict[str, Any], location: str | None) -> None:
    assert [one.location for one in _found(hit)] == [location]


def test_neither_a_secret_nor_who_wrote_it_is_kept() -> None:
    for content in (_hit(), _lines(_hit(), END)):
        read = opened(content)
        assert not [one for one in (SECRET, SECRET[:6], "jane") if one.encode() in read.kept]


@pytest.mark.parametrize(
    ("rows", "counts", "codes"),
    [
        pytest.param((_hit(),), (None, 1, None), [], id="no log"),
        pytest.param((START, END), (4, 0, 0), [], id="clean"),
        pytest.param((START, _hit()), (None, 1, 1), ["run-unfinished"], id="broken off"),
        pytest.param(
            (START, {**START, "level": "error", "msg": "cannot read"}, END),
            (4, 0, 1),
            [],
            id="error",
        ),
        pytest.param(
            (_hit(), {**END, "unverified_secrets": 3}),
            (4, 3, 0),
            ["findings-not-listed"],
            id="more",
        ),
    ],
)
def test_how_far_a_scan_got_is_known_by_its_log_alone(
    rows: tuple[dict[str, Any], ...], counts: tuple[int | None, ...], codes: list[str]
) -> None:
    one = evidence_of(_lines(*rows))
    (row,) = one.coverage
    assert (row.examined, row.failed, row.errored) == counts
    assert row.skipped is None
    assert [warning.code for warning in one.envelope.warnings] == codes


def test_the_end_of_the_log_says_when_and_with_which_version() -> None:
    envelope = evidence_of(_lines(_hit(), END)).envelope
    assert str(envelope.produced_at) == "2026-11-20 09:00:05+00:00"
    assert envelope.producer.version == "3.90.0"


def test_lines_of_something_else_are_not_taken_for_secrets() -> None:
    assert refusal(_lines(_hit(), {"msg": "x"})).code == "format-unknown"
    assert refusal(_lines({"level": "info", "logger": "x", "msg": "y"})).code == "format-unknown"
    odd = {**_hit(), "DetectorName": " "}
    assert refusal(_lines(_hit(), odd)).where == "report.json#/1"
