"""Entries about a system are numbered, so a pack that shows them all shows that it does."""

from datetime import timedelta
from typing import Any

import pytest

from assaybook.domain.finding import AssessmentHead
from assaybook.domain.subject import Release, Subject, System
from assaybook.service.pack_named import Named
from assaybook.service.verify_left_out import LogEntry, left_out_step
from support.evidence import AS_OF

ASSESSMENT = "sha256:a"
SUBJECT = Subject(system=System(id="s"), release=Release(version="1"))
HEAD = AssessmentHead(
    bundle="sha256:b",
    subject="sha256:u",
    evidence_set="sha256:e",
    as_of=AS_OF,
    engine="x",
    asserted=False,
    digest=ASSESSMENT,
)


def _entry(
    number: int | None, kind: str, ref: str = "", hours: float = -1, **said: Any
) -> LogEntry:
    about: dict[str, Any] = {
        "digest": f"d-{ref}",
        "person": "",
        "reason": "",
        "version": 2,
        "system": "s",
    }
    at = AS_OF + timedelta(hours=hours)
    return LogEntry(number=number, kind=kind, ref=ref, at=at, **{**about, **said})


MADE = _entry(3, "assessment", ASSESSMENT, hours=0)
FIRST = _entry(1, "system", "s")
DOCUMENT = _entry(2, "evidence", "ev-1")


def _said(*entries: LogEntry, without: str = "") -> tuple[str, str]:
    shown = [Named(one.kind, one.ref, one.digest) for one in entries if one.ref != without]
    step = left_out_step(entries, HEAD, SUBJECT, shown)
    return ("", "") if step is None else (step.code, step.message)


def test_all_that_was_recorded_is_shown() -> None:
    assert _said(FIRST, DOCUMENT, MADE) == (
        "complete",
        "it shows all that was recorded about s: 3 entries, no gap",
    )


def test_what_was_recorded_before_there_were_numbers_is_not_told_of() -> None:
    message = _said(_entry(1, "evidence", "ev-1"), _entry(2, "assessment", ASSESSMENT, hours=0))[1]
    assert "recorded about s since entries are numbered: 2 entries" in message


def test_a_log_of_before_there_were_numbers_says_nothing() -> None:
    assert _said(_entry(None, "evidence", "ev-1"), _entry(None, "assessment", ASSESSMENT)) == (
        "",
        "",
    )


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        pytest.param((DOCUMENT, MADE), "it does not show entry 1 about s", id="the first"),
        pytest.param((FIRST, MADE), "it does not show entry 2 about s", id="one between"),
        pytest.param(
            (FIRST, DOCUMENT, _entry(2, "evidence", "ev-2"), MADE),
            "it does not show entry 3 about s",
            id="a number twice",
        ),
        pytest.param(
            (FIRST, DOCUMENT, _entry(3, "assessment", ASSESSMENT, hours=-0.5)),
            "it shows nothing about s from after the judged instant",
            id="nothing from later than the instant, which was to come then",
        ),
    ],
)
def test_a_number_that_is_missing_is_something_left_out(
    entries: tuple[LogEntry, ...], message: str
) -> None:
    assert _said(*entries) == ("left-out", message)


@pytest.mark.parametrize("kind", ["evidence", "retirement", "waiver", "system"])
def test_an_entry_for_what_the_pack_does_not_hold_is_something_left_out(kind: str) -> None:
    code, message = _said(FIRST, _entry(2, kind, "it"), MADE, without="it")
    assert code == "left-out"
    assert message.startswith(f"{kind} it was recorded at ")


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(_entry(2, "release", "s/9"), id="another release"),
        pytest.param(_entry(2, "refusal", "it", release="9"), id="a refusal of another release"),
        pytest.param(_entry(2, "pack", "it"), id="an earlier pack"),
        pytest.param(_entry(2, "sign-off", "it"), id="a note"),
    ],
)
def test_what_decides_nothing_of_the_release_need_not_be_shown(entry: LogEntry) -> None:
    assert _said(FIRST, entry, MADE, without=entry.ref)[0] == "complete"


def test_only_the_newest_version_of_a_waiver_need_be_shown() -> None:
    old = _entry(2, "waiver", "w", digest="d-old")
    new = _entry(3, "waiver", "w", digest="d-new")
    made = _entry(4, "assessment", ASSESSMENT, hours=0)
    entries = (FIRST, old, new, made)
    for shown, code in ((new, "complete"), (old, "left-out")):
        pack = [Named(one.kind, one.ref, one.digest) for one in (FIRST, shown, made)]
        step = left_out_step(entries, HEAD, SUBJECT, pack)
        assert step is not None
        assert step.code == code


def test_a_document_that_stands_in_the_log_as_one_about_another_system_is_told() -> None:
    elsewhere = _entry(1, "evidence", "ev-9", system="t")
    assert _said(FIRST, DOCUMENT, MADE, elsewhere) == (
        "entry-elsewhere",
        "evidence ev-9 is in the log as one about 't'",
    )
