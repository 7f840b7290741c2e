"""What is in force as one file: written, shown, compared and signed by commands."""

from pathlib import Path

import pytest

from support.commands import assay, refused
from support.policies import SOUND

MINE = SOUND.replace("demo.recall", "mine.recall")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules" / "mine").mkdir(parents=True)
    (tmp_path / "rules" / "mine" / "recall.yaml").write_text(MINE, encoding="utf-8")
    assert (
        assay("bundle", "build", "--policies", "rules", "-o", "old.json", inside=tmp_path).code == 0
    )
    return tmp_path


def test_the_same_sources_give_the_same_bytes_and_the_digest_is_told(folder: Path) -> None:
    again = assay("bundle", "build", "--policies", "rules", "-o", "again.json", inside=folder)
    assert (folder / "again.json").read_bytes() == (folder / "old.json").read_bytes()
    shown = assay("bundle", "show", "old.json", "--format", "json", inside=folder).value
    assert shown["digest"] == again.out.strip()
    assert [one["policy"] for one in shown["policies"]] == ["mine.recall"]
    assert shown["signed by"] == "nobody"


def test_a_change_is_told_in_words(folder: Path) -> None:
    changed = MINE.replace("default: 0.5", "default: 0.6")
    (folder / "rules" / "mine" / "recall.yaml").write_text(changed, encoding="utf-8")
    assay("bundle", "build", "--policies", "rules", "-o", "new.json", inside=folder)
    told = assay("bundle", "diff", "old.json", "new.json", inside=folder)
    assert told.code == 0
    assert "its value is at least 0.60" in told.out
    assert "2 changes" in told.err
    assert assay("bundle", "diff", "old.json", "old.json", inside=folder).out == ""
    rows = assay("bundle", "diff", "old.json", "new.json", "--format", "json", inside=folder).value
    assert [one["kind"] for one in rows] == ["rule", "param"]


def test_a_bundle_that_was_changed_afterwards_is_refused(folder: Path) -> None:
    raw = (folder / "old.json").read_bytes()
    (folder / "old.json").write_bytes(raw.replace(b"0.5", b"0.1"))
    refused(assay("bundle", "show", "old.json", inside=folder), 5, "bundle-mismatch")
    refused(assay("bundle", "diff", "old.json", "old.json", inside=folder), 5, "bundle-mismatch")


@pytest.mark.parametrize("text", ["", "hi", "[]", '{"bundle": {}}', "[" * 100_000])
def test_what_is_no_bundle_is_refused(folder: Path, text: str) -> None:
    (folder / "old.json").write_text(text, encoding="utf-8")
    refused(assay("bundle", "show", "old.json", inside=folder), 5, "bundle-malformed")


def test_a_signature_names_its_person_only_where_the_key_is_trusted(folder: Path) -> None:
    made = assay("trust", "key", "--person", "lena", "-o", "lena.pem", inside=folder)
    (folder / "trust.yaml").write_text(made.out, encoding="utf-8")
    sign = ("bundle", "sign", "old.json", "--person", "lena", "--key", "lena.pem", "-o", "s.json")
    assert assay(*sign, inside=folder).code == 0
    trusted = assay("bundle", "show", "s.json", "--trust", "trust.yaml", inside=folder)
    assert "Signed by   lena" in trusted.out
    assert "nobody in the trust file" in assay("bundle", "show", "s.json", inside=folder).out
    assert assay("bundle", "diff", "old.json", "s.json", inside=folder).out == ""
    (folder / "other.json").write_text("{}", encoding="utf-8")
    refused(assay(*sign[:2], "other.json", *sign[3:], inside=folder), 5, "bundle-malformed")


def test_a_signed_answer_is_no_signed_bundle(folder: Path) -> None:
    envelope = '{"payloadType": "text/plain", "payload": "aGk=", "signatures": []}'
    (folder / "s.json").write_text(envelope, encoding="utf-8")
    refused(assay("bundle", "show", "s.json", inside=folder), 5, "bundle-malformed")
