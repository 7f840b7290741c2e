"""Files and folders: nothing is lost, and nothing is dropped in silence."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from assaybook.cli.assembly import assembled
from assaybook.intake.limits import Limits
from assaybook.intake.read import Receipt
from assaybook.service.read_evidence import ReadPaths, read_paths
from support.documents import RECEIVED

AUDIT: dict[str, Any] = {"dependencies": [{"name": "a", "vulns": []}], "fixes": []}


def _read(*paths: Path, manifest: Path | None = None, as_format: str | None = None) -> ReadPaths:
    return read_paths(
        paths, receipt=Receipt(RECEIVED), manifest=manifest, declared_format=as_format
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder as pipelines leave it, with its manifest."""
    (tmp_path / "audit.json").write_text(json.dumps(AUDIT))
    (tmp_path / "gitleaks.json").write_text("[]")
    (tmp_path / "model.pkl").write_bytes(b"\x80\x04\x95junk")
    (tmp_path / "requirements.txt").write_text("numpy==2\n")
    (tmp_path / "train.csv").write_text("age,label\n1,0\n")
    (tmp_path / "notes.md").write_text("# Notes\n\n## License\n\nnone yet\n")
    (tmp_path / ".hidden.json").write_text("{")
    (tmp_path / "evidence.yaml").write_text(
        "files:\n- {path: gitleaks.json, as: gitleaks, produced_at: mtime}\n"
    )
    return tmp_path


def test_a_folder_is_read_with_its_own_manifest(folder: Path) -> None:
    found = _read(folder)
    assert [
        (one.file.rpartition("/")[2], one.opened.detected.format) for one in found.documents
    ] == [
        ("gitleaks.json", "gitleaks"),
        ("audit.json", "pip-audit"),
    ]
    assert found.problems == ()
    assert found.evidence[0].envelope.declared == ("format", "produced_at")


def test_other_files_of_a_folder_are_listed_and_no_problem(folder: Path) -> None:
    assert [Path(one).name for one in _read(folder).unrecognised] == [
        *("model.pkl", "notes.md", "requirements.txt", "train.csv"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("broken.json", b"{", "json-malformed"),
        ("broken.yaml", b"a: [", "yaml-malformed"),
        ("broken.csv", b"a,b\n1\n", "csv-malformed"),
        ("latin.json", b'"\xe9"', "encoding-not-utf8"),
        ("empty.json", b"", "document-empty"),
        (
            "old.json",
            b'{"version": "0.1", "metrics": [{"metric": "a", "result": 1}]}',
            "format-not-supported",
        ),
        ("list.json", b"[]", "format-ambiguous"),
        (
            "bad.json",
            b'{"dependencies": [{"name": "a", "vulns": []}, {}]}',
            "document-breaks-format",
        ),
    ],
)
def test_a_file_of_a_folder_that_is_not_what_it_says_is_a_problem(
    name: str, content: bytes, code: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    found = _read(tmp_path)
    assert [(Path(one.file).name, one.code) for one in found.problems] == [(name, code)]
    assert (found.documents, found.unrecognised) == ((), ())


def test_a_file_that_is_named_is_a_problem_when_nobody_knows_it(tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text("numpy==2\n")
    assert [one.code for one in _read(path).problems] == ["format-unknown"]


def test_a_named_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    assert [one.code for one in _read(tmp_path / "absent.json").problems] == ["file-unreadable"]


def test_a_format_is_declared_for_the_files_that_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("[]")
    assert _read(path, as_format="presidio").documents[0].opened.detected.format == "presidio"


def test_a_manifest_alone_reads_what_it_lists(folder: Path) -> None:
    found = _read(manifest=folder / "evidence.yaml")
    assert [one.opened.detected.format for one in found.documents] == ["gitleaks"]


def test_a_listed_file_is_read_once_though_it_is_named_too(folder: Path) -> None:
    found = _read(folder / "gitleaks.json", folder, manifest=folder / "evidence.yaml")
    assert [one.opened.detected.format for one in found.documents] == ["gitleaks", "pip-audit"]


def test_a_broken_manifest_is_a_problem_and_the_rest_is_read(folder: Path) -> None:
    (folder / "evidence.yaml").write_text("lists: []\n")
    found = _read(folder)
    assert [one.code for one in found.problems] == ["manifest-invalid", "format-ambiguous"]
    assert len(found.documents) == 1


def test_a_table_too_large_for_a_document_is_data(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text("a,b\n" * 100)
    (tmp_path / "huge.json").write_text("[" + "1," * 100 + "1]")
    found = read_paths([tmp_path], receipt=Receipt(RECEIVED), limits=Limits(size=50))
    assert ([one.code for one in found.problems], len(found.unrecognised)) == (
        *(["document-too-large"], 1),
    )


def test_equal_documents_are_one_record(tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(json.dumps(AUDIT))
    found = _read(tmp_path)
    assert (len(found.documents), len(found.evidence)) == (2, 1)


def test_the_order_of_paths_never_changes_the_evidence(folder: Path) -> None:
    other = folder / "deep" / "er"
    other.mkdir(parents=True)
    (other / "run.json").write_text('{"info": {"run_id": "r"}, "data": {}}')
    one, two = _read(folder, other), _read(other, folder)
    assert {e.envelope.id for e in one.evidence} == {e.envelope.id for e in two.evidence}


def _assay(*words: str | Path) -> tuple[int, str]:
    said = ["evidence", *map(str, words)]
    done = CliRunner().invoke(assembled(said), said)
    return done.exit_code, done.stdout


def test_the_command_gives_one_object_for_each_file(folder: Path) -> None:
    code, out = _assay("read", folder / "audit.json", "--format", "json")
    (said,) = json.loads(out)
    assert code == 0
    assert set(said) == {"file", "detected", "envelope", "coverage", "facts"}
    assert set(said["detected"]) == {"format", "version", "confidence", "reasons"}


def test_the_command_exits_5_where_a_file_is_a_problem(folder: Path) -> None:
    code, out = _assay("read", folder / "audit.json", folder / "model.pkl", "--format", "json")
    said = json.loads(out)
    assert (code, said[1]["problem"]["code"]) == (5, "document-binary")
    assert set(said[1]["problem"]) == {"code", "where", "message", "hint"}


def test_the_command_speaks_to_people_too(folder: Path) -> None:
    code, out = _assay("read", folder)
    assert (code, "pip-audit object" in out, "gitleaks 8" in out) == (0, True, True)


def test_a_security_row_is_written_as_policies_name_it(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[{"RuleID": "r", "File": "f", "Fingerprint": "x"}]')
    _, out = _assay("read", path, "--format", "json")
    assert json.loads(out)[0]["facts"][0]["class"] == "secret"


def test_the_formats_that_can_be_read_are_listed() -> None:
    code, out = _assay("adapters", "--format", "json")
    said = {one["name"]: one for one in json.loads(out)}
    assert code == 0
    assert said["huggingface"]["also"] == ["hf-model-card", "hf-data-card", "hf-dataset-card"]
    assert said["pip-audit"]["questions"] == ["security/vulnerability"]
