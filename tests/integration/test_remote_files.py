"""What is sent to a server reads there as the same files do here."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from assaybook.domain.evidence import Envelope
from assaybook.intake.declared import Declared
from assaybook.intake.read import Receipt
from assaybook.service import read_evidence, remote_files
from assaybook.service.read_evidence import ReadPaths, read_paths
from assaybook.service.remote_files import Gathered, batches, gather, manifest_of
from assaybook.service.submit_documents import Origin, Sent, read_documents
from support.archives import a_kit, packed
from support.example import FLAWED, SOUND
from support.small import Small, a_document, a_small_system

NOW: Final = datetime(2026, 11, 20, tzinfo=UTC)


def _gathered(*paths: Path, manifest: Path | None = None, form: str | None = None) -> Gathered:
    return gather(paths, manifest=manifest, declared_format=form, received_at=NOW)


def _here(*paths: Path, system: str, release: str, manifest: Path | None = None) -> ReadPaths:
    about = Declared(system=system, release=release)
    return read_paths(paths, receipt=Receipt(NOW), manifest=manifest, declared=about)


def _there(found: Gathered, *, system: str, release: str) -> ReadPaths:
    documents = [Sent(part.name, part.content) for part in found.parts]
    origin = Origin(system, release)
    return read_documents(documents, origin, NOW, manifest=manifest_of(found.parts))


def _of_content(envelope: Envelope) -> dict[str, Any]:
    """Return an envelope without what differs between a check and a submission by name only."""
    return envelope.model_dump(exclude={"name", "submission"})


def _equal(one: ReadPaths, other: ReadPaths) -> None:
    left = {e.envelope.id: e for e in one.evidence}
    right = {e.envelope.id: e for e in other.evidence}
    assert set(left) == set(right)
    for key, evidence in left.items():
        assert _of_content(evidence.envelope) == _of_content(right[key].envelope)
        assert (evidence.facts, evidence.coverage) == (right[key].facts, right[key].coverage)


@pytest.fixture
def small(tmp_path: Path) -> Small:
    """Return a small system."""
    return a_small_system(tmp_path / "small")


@pytest.mark.parametrize("release", [SOUND, FLAWED])
def test_the_evidence_of_the_example_is_the_same_evidence_on_a_server(
    release: str, checkout: Path
) -> None:
    folder = checkout / "examples" / "diabetes" / "releases" / release / "evidence"
    found = _gathered(folder)
    here = _here(folder, system="diabetes-triage", release=release)
    there = _there(found, system="diabetes-triage", release=release)
    assert here.problems == there.problems == found.problems == ()
    assert len(there.evidence) > 10
    _equal(here, there)


DEFAULTED: Final = """\
defaults:
  about: {model: ../model.bin}
  scope: {dataset: patients, split: holdout, job: nightly}
  produced_at: mtime
files:
  - path: dated.json
  - path: undated.json
    scope: {path: a/b}
    observed_at: "2026-11-19T00:00:00Z"
  - path: "odd \\u0085 name.json"
    as: assaybook
    run: "r\\u00e9\\u007f"
"""


def test_defaults_file_times_and_digests_are_worked_out_before_anything_is_sent(
    small: Small,
) -> None:
    undated = yaml.safe_load(a_document())
    del undated["produced_at"]
    text = str(undated).replace("'", '"')
    small.write("evidence/dated.json", a_document(0.7))
    small.write("evidence/undated.json", text)
    small.write("evidence/odd \x85 name.json", text.replace("0.9", "0.6"))
    small.write("evidence/evidence.yaml", DEFAULTED)
    for name in ("dated.json", "undated.json", "odd \x85 name.json"):
        os.utime(small.evidence / name, (1_763_000_000, 1_763_000_000))
    found = _gathered(small.evidence)
    raw = manifest_of(found.parts).decode()
    assert "mtime" not in raw
    assert "model.bin" not in raw
    here = _here(small.evidence, system="triage", release="1")
    assert here.problems == ()
    assert {e.envelope.produced_at for e in here.evidence} >= {
        datetime.fromtimestamp(1_763_000_000, UTC)
    }
    _equal(here, _there(found, system="triage", release="1"))


@pytest.mark.parametrize("named", [False, True], ids=["a folder", "its files"])
def test_defaults_without_a_list_hold_for_every_file_below_here_and_on_a_server(
    named: bool,  # noqa: FBT001
    small: Small,
) -> None:
    text = a_document(produced_at=None)
    for name, more in (("one.json", "0.8"), ("deep/two.json", "0.7"), ("deep/own/three.json", "1")):
        small.write(f"evidence/{name}", text.replace("0.9", more))
        os.utime(small.evidence / name, (1_763_000_000, 1_763_000_000))
    small.write("evidence/notes.txt", "a note")
    small.write("evidence/evidence.yaml", "defaults: {produced_at: mtime, scope: {job: a}}\n")
    small.write("evidence/deep/own/evidence.yaml", "defaults: {scope: {job: b}}\n")
    paths = sorted(small.evidence.rglob("*.*")) if named else [small.evidence]
    paths = [path for path in paths if path.suffix != ".txt"]
    here = _here(*paths, system="triage", release="1")
    assert here.problems == ()
    said = {(e.envelope.name, e.envelope.scope.job): e.envelope.produced_at for e in here.evidence}
    assert {(Path(name).name, job) for name, job in said} == {
        ("metrics.json", "a"),
        ("one.json", "a"),
        ("two.json", "a"),
        ("three.json", "b"),
    }
    assert sum(at is None for at in said.values()) == 1
    _equal(here, _there(_gathered(*paths), system="triage", release="1"))


def test_defaults_without_a_list_that_were_sent_hold_for_every_document() -> None:
    documents = [Sent("a.json", a_document(produced_at=None).encode())]
    told = b"defaults: {produced_at: '2026-11-11T00:00:00Z'}\n"
    (found,) = read_documents(documents, Origin("triage", "1"), NOW, manifest=told).evidence
    assert found.envelope.produced_at == datetime(2026, 11, 11, tzinfo=UTC)
    odd = b"defaults: {produced_at: mtime}\n"
    (problem,) = read_documents(documents, Origin("triage", "1"), NOW, manifest=odd).problems
    assert (problem.code, "Write the instant out" in problem.hint) == ("manifest-invalid", True)


def test_what_is_no_evidence_stays_here_and_is_listed(small: Small) -> None:
    small.write("evidence/notes.txt", "a note")
    small.write("evidence/secret.env", "KEY=1")
    found = _gathered(small.evidence)
    assert [Path(part.file).name for part in found.parts] == ["metrics.json"]
    assert {Path(one).name for one in found.unrecognised} == {"notes.txt", "secret.env"}


def test_a_file_that_cannot_be_read_as_evidence_is_sent_for_the_server_to_refuse(
    small: Small,
) -> None:
    small.write("evidence/broken.json", "{")
    found = _gathered(small.evidence)
    here = _here(small.evidence, system="triage", release="1")
    there = _there(found, system="triage", release="1")
    assert [one.code for one in here.problems] == [one.code for one in there.problems]
    assert len(there.problems) == 1


def test_what_needs_no_reading_is_sent_unread(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_said: object, **_named: object) -> None:
        message = "it was read"
        raise AssertionError(message)

    small.write("evidence/notes.txt", "a note")
    small.write("evidence/deep/evidence.yaml", "files: [{path: m.json, run: a}]\n")
    small.write("evidence/deep/m.json", a_document(0.7))
    monkeypatch.setattr(remote_files, "open_document", read)
    monkeypatch.setattr(read_evidence, "open_document", read)
    found = _gathered(small.evidence)
    assert [Path(part.file).name for part in found.parts] == ["m.json", "metrics.json"]
    assert [Path(one).name for one in found.unrecognised] == ["notes.txt"]


def test_a_package_goes_as_one_file_and_is_the_same_evidence_on_a_server(small: Small) -> None:
    (small.evidence / "kit.tar").write_bytes(a_kit().tar())
    (small.evidence / "other.tar").write_bytes(packed({"a.txt": "no package"}))
    found = _gathered(small.evidence)
    assert [Path(part.file).name for part in found.parts] == ["kit.tar", "metrics.json"]
    assert [Path(one).name for one in found.unrecognised] == ["other.tar"]
    here = _here(small.evidence, system="triage", release="1")
    assert len(here.documents) > 2
    _equal(here, _there(found, system="triage", release="1"))


def test_a_package_that_is_a_folder_says_how_to_pack_it(small: Small) -> None:
    for name in ("oci-layout", "index.json"):
        small.write(f"evidence/kit/{name}", "{}")
    (problem,) = _gathered(small.evidence).problems
    assert (problem.code, "tar -cf" in problem.hint) == ("package-is-folder", True)


def test_a_file_that_is_not_there_is_a_problem_that_stays_here(small: Small) -> None:
    small.write("evidence/evidence.yaml", "files:\n  - path: gone.json\n  - path: metrics.json\n")
    found = _gathered(small.evidence, small.folder / "missing.json")
    assert {one.code for one in found.problems} == {"manifest-file-missing", "file-unreadable"}
    assert len(found.parts) == 1


def test_a_manifest_that_cannot_be_used_is_a_problem_and_never_evidence(small: Small) -> None:
    small.write("evidence/evidence.yaml", "filez: []\n")
    found = _gathered(small.evidence)
    assert [one.code for one in found.problems] == ["manifest-invalid"]
    assert [Path(part.file).name for part in found.parts] == ["metrics.json"]


def test_a_named_file_says_its_format_and_no_path_of_this_machine(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(small.folder / "policies")
    (part,) = _gathered(small.evidence / "metrics.json", form="assaybook").parts
    assert part.name == "metrics.json"
    assert part.said == {"path": "metrics.json", "as": "assaybook"}


def test_files_of_one_name_are_told_apart(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(small.folder / "policies")
    small.write("other/metrics.json", a_document(0.5))
    found = _gathered(small.evidence, small.folder / "other")
    assert len({part.name for part in found.parts}) == 2
    assert set(found.files.values()) == {part.file for part in found.parts}
    assert len(_there(found, system="triage", release="1").evidence) == 2


def test_files_go_together_as_far_as_the_bound_allows_and_none_is_left_behind(
    small: Small,
) -> None:
    for number in range(5):
        small.write(f"evidence/m{number}.json", a_document(0.5 + number / 100))
    parts = _gathered(small.evidence).parts
    size = len(parts[0].content)
    together = list(batches(parts, 2 * size + 10))
    assert [part for batch in together for part in batch] == list(parts)
    assert max(map(len, together)) == 2
    assert [len(batch) for batch in batches(parts, 1)] == [1] * len(parts)
    assert list(batches((), 10)) == []
