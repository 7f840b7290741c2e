"""The listing of what is recorded as evidence, as a person asks for it."""

from pathlib import Path

import pytest

from support.commands import assay, refused
from support.small import Small, a_document, a_small_system


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Small:
    """Return a small system whose evidence is recorded."""
    monkeypatch.setenv("ASSAY_DATABASE", f"sqlite:///{tmp_path / 'assay.db'}")
    made = a_small_system(tmp_path / "small")
    made.write("evidence/older.json", a_document(0.8, produced_at="2026-11-11T10:00:00Z"))
    assert assay("system", "add", "system.yaml", inside=made.folder).code == 0
    words = ("submit", "evidence", "--system", "triage", "--release", "1", "--by", "ann")
    assert assay(*words, inside=made.folder).code == 0
    return made


def test_what_was_submitted_is_listed_with_where_it_came_from(stored: Small) -> None:
    done = assay("evidence", "list", "--format", "json", inside=stored.folder)
    assert done.code == 0
    assert {one["name"] for one in done.value} == {"metrics.json", "older.json"}
    for one in done.value:
        assert (one["system"], one["release"], one["by"]) == ("triage", "1", "ann")
        assert (one["format"], one["assurance"]) == ("assaybook v1", "self")
        assert one["evidence"].startswith("ev-")


@pytest.mark.parametrize("form", ["table", "csv", "markdown"])
def test_the_listing_has_every_form_of_listings(form: str, stored: Small) -> None:
    done = assay("evidence", "list", "--system", "triage", "--format", form, inside=stored.folder)
    assert done.code == 0
    assert "metrics.json" in done.out


def test_the_listing_is_narrowed_by_release_and_format(stored: Small) -> None:
    known = ("evidence", "list", "--system", "triage", "--release", "1", "--format", "json")
    assert len(assay(*known, "--as", "assaybook", inside=stored.folder).value) == 2
    assert assay(*known, "--as", "gitleaks", inside=stored.folder).value == []


def test_one_document_is_shown_with_its_facts_and_after_it_was_erased(stored: Small) -> None:
    listed = assay("evidence", "list", "--format", "json", inside=stored.folder).value
    first = listed[0]["evidence"]
    shown = assay("evidence", "show", first, inside=stored.folder)
    assert (shown.code, first in shown.out, "triage 1" in shown.out) == (0, True, True)
    assert "/facts/0" in shown.out
    erase = ("evidence", "erase", first, "--person", "ann", "--reason", "as asked")
    assert assay(*erase, inside=stored.folder).code == 0
    assert "by ann: as asked" in assay("evidence", "show", first, inside=stored.folder).out
    whole = assay("evidence", "show", first, "--format", "json", inside=stored.folder).value
    assert whole["evidence"]["envelope"]["id"] == first
    only = assay("evidence", "show", first, "--format", "csv", inside=stored.folder)
    assert only.out.startswith("fact,about,")
    refused(assay("evidence", "show", "ev-0", inside=stored.folder), 2, "evidence-unknown")


def test_a_long_listing_goes_on_where_the_first_ended(stored: Small) -> None:
    words = ("evidence", "list", "--limit", "1", "--format", "json")
    first = assay(*words, inside=stored.folder)
    assert "there are more: --after " in first.err
    cursor = first.err.split()[-1]
    second = assay(*words, "--after", cursor, inside=stored.folder)
    assert second.err == ""
    assert {one["name"] for one in (*first.value, *second.value)} == {"metrics.json", "older.json"}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--system", "nobody"), "system-unknown"),
        (("--system", "triage", "--release", "9"), "release-unknown"),
        (("--release", "1"), "system-not-named"),
        (("--limit", "0"), "limit-invalid"),
        (("--after", "x"), "cursor-invalid"),
    ],
)
def test_a_listing_of_what_is_not_there_is_refused_and_never_empty(
    words: tuple[str, ...], code: str, stored: Small
) -> None:
    refused(assay("evidence", "list", *words, inside=stored.folder), 2, code)


def test_rules_are_tried_by_every_release_that_the_store_holds(stored: Small) -> None:
    words = ("control", "coverage", "--policies", "policies", "--store", "--format", "json")
    tried = assay(*words, inside=stored.folder).value["tried"]
    assert tried["releases"] == ["triage 1"]
    assert [one["met"] for one in tried["needs"]] == [1]


def test_what_was_refused_is_listed_with_the_reason_and_its_digest(stored: Small) -> None:
    stored.write("evidence/broken.json", '{"assaybook": "v1", "facts": [{"type": "x"}]}')
    words = ("submit", "evidence", "--system", "triage", "--release", "1", "--by", "ann")
    assert assay(*words, "evidence/gone.json", inside=stored.folder).code == 5
    known = ("evidence", "list", "--refused", "--system", "triage", "--format", "json")
    (one,) = assay(*known, "--release", "1", inside=stored.folder).value
    assert (one["name"], one["code"], one["format"], one["by"]) == (
        "broken.json",
        "document-breaks-format",
        "assaybook",
        "ann",
    )
    assert one["digest"].startswith("sha256:")
    refused(assay(*known, "--as", "garak", inside=stored.folder), 2, "refusal-of-no-format")
