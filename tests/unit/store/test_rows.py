"""Rows hold what was accepted, and look-up columns that no odd text can break."""

import json

import pytest
from pydantic import ValidationError

from assaybook.domain.canonical import canonical, digest_of
from assaybook.domain.documents import Evidence
from assaybook.domain.errors import SubmitterError
from assaybook.domain.evidence import Scope
from assaybook.store.journal import Entry
from assaybook.store.names import near
from assaybook.store.paging import page_of
from assaybook.store.rows import (
    evidence_digest,
    evidence_of,
    looked_up,
    rows_of,
    source_json,
)
from support.evidence import AS_OF, a_document, a_fact, a_metric, covered

EVIDENCE = a_document(
    a_metric(value=0.5, n=3),
    a_fact("security", **{"fingerprint": "f", "class": "secret"}),
    coverage=[covered("security/secret"), covered("metric/quality")],
)


def test_the_digest_of_evidence_is_that_of_its_canonical_json() -> None:
    whole = canonical(EVIDENCE.model_dump(mode="json", by_alias=True))
    assert rows_of(EVIDENCE).digest == evidence_digest(EVIDENCE) == digest_of(whole)


def test_evidence_without_anything_read_from_it_has_a_digest_too() -> None:
    bare = EVIDENCE.model_copy(update={"facts": (), "coverage": ()})
    assert evidence_digest(bare) == digest_of(canonical(bare.model_dump(mode="json")))


def test_all_that_was_read_of_a_document_is_one_row_of_canonical_lists() -> None:
    reading = rows_of(EVIDENCE).reading
    whole = EVIDENCE.model_dump(mode="json", by_alias=True)
    assert reading == {
        "adapter_version": EVIDENCE.envelope.adapter_version,
        "coverage": canonical(whole["coverage"]).decode(),
        "facts": canonical(whole["facts"]).decode(),
    }


def test_a_source_is_format_tool_and_scope_and_never_a_date_or_a_run() -> None:
    same = a_document(a_metric("auc"), age=9, run="7")
    other = a_document(a_metric(), scope=Scope(split="test"))
    assert source_json(same.envelope) == source_json(EVIDENCE.envelope)
    assert source_json(other.envelope) != source_json(EVIDENCE.envelope)


def test_text_to_look_up_has_an_end_and_no_nul() -> None:
    assert looked_up("a\x00b") == "a\ufffdb"
    assert len(looked_up("x" * 9000)) == 300


@pytest.mark.parametrize(
    "evidence",
    [
        pytest.param(a_document(a_metric(n=2**60)), id="a number beyond exactness"),
        pytest.param(a_document(a_metric(), run="\udcff"), id="text that is not Unicode"),
    ],
)
def test_what_cannot_be_written_exactly_is_refused(evidence: Evidence) -> None:
    with pytest.raises(SubmitterError) as caught:
        rows_of(evidence)
    assert (caught.value.code, caught.value.where) == ("evidence-unwritable", "file.json")


def test_what_is_read_back_is_validated_by_the_domain() -> None:
    rows = rows_of(EVIDENCE)
    text = str(rows.evidence["envelope_json"])
    with pytest.raises(ValidationError):
        evidence_of(text.replace('"size":1', '"size":-1'), "[]", "[]")


def test_an_entry_says_what_when_who_and_why() -> None:
    body = Entry("system", "s", "sha256:0", "ann", "review").body(AS_OF)
    assert body == (
        b'{"at":"2026-11-20T00:00:00Z","digest":"sha256:0","kind":"system","person":"ann",'
        b'"reason":"review","ref":"s","version":1}'
    )


@pytest.mark.parametrize("person", ["ann", "Jörg", 'a "name"'])
def test_an_entry_about_a_system_says_which_and_its_number_in_canonical_json(person: str) -> None:
    entry = Entry("refusal", "rf-1", "sha256:0", person, "unreadable", system="s", release="1.4")
    body = entry.body(AS_OF, 7)
    said = json.loads(body)
    assert (said["system"], said["release"], said["number"]) == ("s", "1.4", 7)
    assert (said["person"], said["version"]) == (person, 2)
    assert canonical(said) == body


def test_the_last_page_names_none_that_follows() -> None:
    found = [("1", "a"), ("2", "b")]
    assert page_of(found, 2).next is None
    assert page_of(found, 1).next == "1"
    empty: list[tuple[str, str]] = []
    assert page_of(empty, 1).items == ()


def test_near_names_are_found_whatever_their_case() -> None:
    assert near("TRIAGE", ["triage", "Triage-2", "billing"]) == ["triage", "Triage-2"]
    assert near("zzz", ["triage"]) == []
