"""Many files at once: in parts, by patterns and pipes, and again where a run was broken off."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from assaybook.cli.submit import submit
from assaybook.domain.errors import OperatorError
from assaybook.domain.subject import Release, System
from assaybook.intake.declared import Declared
from assaybook.service import known_files, read_many, readers, submit_files
from assaybook.service.read_evidence import read_paths
from assaybook.service.register_system import register_release, register_system
from assaybook.service.remote_files import Gathered, Part, with_piped
from assaybook.service.store_access import reading, writing
from assaybook.service.submission import Submission, matched
from assaybook.service.submit_documents import Submitted
from assaybook.service.submit_files import submit_in_parts
from assaybook.settings import now
from assaybook.store.blobs import erase_blob
from assaybook.store.evidence import evidence_for
from assaybook.store.refusals import refusals_of

COUNT = 7
BROKEN_OFF = """
import sys, time
from pathlib import Path
from assaybook.service import submit_files
from assaybook.settings import now
submit_files.TOGETHER = 2
said = submit_files.Submission((Path(sys.argv[2]),), "s", "1")
for done in submit_files.submit_in_parts(sys.argv[1], said, now):
    print(len(done.report.accepted), flush=True)
    time.sleep(30)
"""


def _document(number: int) -> str:
    fact = {"type": "metric", "name": "recall", "value": 0.9, "n": number + 1}
    return json.dumps({"assaybook": "v1", "run": f"r{number}", "facts": [fact]})


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Return a folder of seven documents, one file that breaks off, and one that is none."""
    folder = tmp_path / "evidence"
    (folder / "deep").mkdir(parents=True)
    for number in range(COUNT):
        place = folder / "deep" if number > 4 else folder
        (place / f"e{number}.json").write_text(_document(number), encoding="utf-8")
    (folder / "bad.json").write_text("{", encoding="utf-8")
    (folder / "notes.txt").write_text("words", encoding="utf-8")
    return folder


@pytest.fixture
def store(tmp_path: Path) -> str:
    """Return the URL of a store that knows one release."""
    url = f"sqlite:///{tmp_path / 'many.db'}"
    with writing(url, now, lambda _words: None) as work:
        register_system(work, System(id="s"))
        register_release(work, "s", Release(version="1"))
    return url


def _all(store: str, submission: Submission) -> list[Submitted]:
    return list(submit_in_parts(store, submission, now))


def test_a_run_that_is_killed_is_taken_up_where_it_ended(files: Path, store: str) -> None:
    command = [sys.executable, "-c", BROKEN_OFF, store, str(files)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "2\n"
        run.send_signal(signal.SIGKILL)
    done = _all(store, Submission((files,), "s", "1"))
    assert sum(len(one.report.duplicates) for one in done) == 2
    assert sum(len(one.report.accepted) for one in done) == COUNT - 2
    with reading(store) as open_reading:
        found = evidence_for(open_reading, "s", as_of=datetime.max.replace(tzinfo=UTC))
    assert {one.envelope.run for one in found} == {f"r{number}" for number in range(COUNT)}


def test_parts_hold_what_one_reading_of_all_files_holds(
    files: Path, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submit_files, "TOGETHER", 3)
    submission = Submission((files,), "s", "1")
    seen: list[int] = []
    done = list(submit_in_parts(store, submission, now, seen=seen.append))
    assert sum(seen) == COUNT + 2
    receipt = submission.origin.receipt(now())
    whole = read_paths((files,), receipt=receipt, declared=submission.origin.declared)
    accepted = {each.evidence for one in done for each in one.report.accepted}
    assert len(done) == 3
    assert accepted == {one.envelope.id for one in whole.evidence}
    assert [each for one in done for each in one.problems] == list(whole.problems)
    assert [each for one in done for each in one.unrecognised] == list(whole.unrecognised)
    with reading(store) as open_reading:
        found = evidence_for(open_reading, "s", as_of=datetime.max.replace(tzinfo=UTC))
    assert len({one.envelope.submission for one in found}) == 1


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        pytest.param("e[01].json", ["e0.json", "e1.json"], id="of one folder"),
        pytest.param("**/e5.json", ["deep/e5.json"], id="of any folder"),
        pytest.param("q*.json", ["q*.json"], id="that matches nothing"),
        pytest.param("a**b", ["a**b"], id="that is none"),
        pytest.param("deep", ["deep"], id="but a name"),
    ],
)
def test_a_pattern_is_what_it_matches(files: Path, pattern: str, names: list[str]) -> None:
    assert matched([files / pattern]) == tuple(files / name for name in names)


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path: Path) -> None:
    odd = tmp_path / "a[1].json"
    odd.write_text("{}", encoding="utf-8")
    assert matched([odd]) == (odd,)


def test_the_command_takes_a_pipe_and_files_and_tells_the_sum(files: Path, store: str) -> None:
    app = typer.Typer()
    app.command()(submit)
    words = ["-", str(files / "e*.json"), "--system", "s", "--release", "1", "--format", "csv"]
    done = CliRunner().invoke(app, [*words, "--database", store], input=_document(99))
    assert (done.exit_code, done.stderr) == (0, "6 accepted\n")
    again = CliRunner().invoke(app, [str(files), *words[2:], "--database", store])
    assert again.exit_code == 5
    assert again.stderr.endswith(
        "2 accepted, 5 duplicate, 1 not recognised, 1 refused (1 json-malformed)\n"
    )


def test_a_run_that_a_person_breaks_off_says_what_was_recorded(
    files: Path, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken_off(*said: Any, **named: Any) -> Iterator[Submitted]:
        yield next(submit_in_parts(*said, **named))
        raise KeyboardInterrupt

    monkeypatch.setattr(submit_files, "TOGETHER", 2)
    monkeypatch.setattr(submit_files, "submit_in_parts", broken_off)
    app = typer.Typer()
    app.command()(submit)
    words = [str(files), "--system", "s", "--release", "1", "--database", store]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 130
    assert "2 accepted, 1 refused (1 json-malformed)\nBroken off: what was accepted stays." in (
        done.stderr
    )


def test_what_comes_through_a_pipe_is_sent_to_a_server_under_a_name_of_its_own() -> None:
    named = Part("stdin", "stdin", b"{}", {"path": "stdin"}, {"system": "s"})
    found = with_piped(Gathered((named,), (), ()), b"[]", "presidio")
    first = found.parts[0]
    assert (first.name, first.file, first.content) == ("2/stdin", "stdin", b"[]")
    assert first.said == {"path": "2/stdin", "as": "presidio"}
    assert with_piped(Gathered((), (), ()), b"[]", None).parts[0].said == {"path": "stdin"}


def _unread(*_said: object) -> None:
    message = "a file was read again"
    raise AssertionError(message)


def test_what_is_recorded_is_a_duplicate_and_nobody_reads_it_again(
    files: Path, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (files / "bad.json").unlink()
    (files / "notes.txt").unlink()
    submission = Submission((files,), "s", "1")
    (first,) = _all(store, submission)
    monkeypatch.setattr(readers, "read_bytes", _unread)
    (again,) = _all(store, submission)
    assert again.report.accepted == ()
    assert set(again.report.duplicates) == set(first.report.accepted)
    assert len(again.report.duplicates) == COUNT


class Newer:
    """What is looked at of an adapter that was changed since."""

    version = 99


def _newer(_name: str) -> Newer:
    return Newer()


def test_a_file_that_could_say_something_else_now_is_read(
    files: Path, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    submission = Submission((files,), "s", "1")
    _all(store, submission)
    manifest = files / "deep" / "evidence.yaml"
    manifest.write_text("files: [{path: e5.json, run: r5}]\n", encoding="utf-8")
    monkeypatch.setattr(readers, "read_bytes", _unread)
    again = replace(submission, paths=(files / "e0.json",))
    _all(store, again)
    for other in (
        replace(submission, paths=(files / "deep",)),
        replace(submission, paths=(), manifest=manifest),
        replace(again, declared_format="presidio"),
    ):
        with pytest.raises(AssertionError, match="read again"):
            _all(store, other)
    monkeypatch.setattr(known_files, "adapter_named", _newer)
    with pytest.raises(AssertionError, match="read again"):
        _all(store, again)


DEADLY = """
import os, signal, sys

class Deadly:
    name, version, versions = "deadly", 1, ("1",)
    facts = questions = ("review",)

    def detect(self, document, *, declared=False):
        if "read_child" in sys.argv[0] and '"deadly"' in document.text:
            os.kill(os.getpid(), signal.SIGKILL)

    def read(self, document, detected):
        return ()
"""


@pytest.fixture
def deadly(files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a file at which a process that reads is killed; two read from the first byte on."""
    published = tmp_path / "deadly-1.dist-info"
    published.mkdir()
    (published / "METADATA").write_text("Metadata-Version: 2.1\nName: deadly\nVersion: 1\n")
    (published / "entry_points.txt").write_text("[assaybook.adapters]\ndeadly = deadly:Deadly\n")
    (tmp_path / "deadly.py").write_text(DEADLY, encoding="utf-8")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setattr(read_many, "_HEAP", 1)
    monkeypatch.setattr(readers, "_processors", lambda: 2)
    file = files / "e11.json"
    file.write_text('{"deadly": 1}', encoding="utf-8")
    return file


def test_several_readers_hold_what_one_holds_and_one_that_is_killed_loses_its_file_alone(
    files: Path, store: str, deadly: Path
) -> None:
    (done,) = _all(store, Submission((files,), "s", "1"))
    lost = next(one for one in done.problems if one.file == str(deadly))
    assert lost.code == "reader-ended"
    assert lost.message == "the process that read it was ended by signal 9"
    deadly.unlink()
    receipt = Submission((), "s", "1").origin.receipt(now())
    whole = read_paths((files,), receipt=receipt, declared=Declared(system="s", release="1"))
    assert {one.evidence for one in done.report.accepted} == set(whole.files)
    assert done.unrecognised == whole.unrecognised
    assert tuple(one for one in done.problems if one is not lost) == whole.problems
    with reading(store) as open_reading:
        found = evidence_for(open_reading, "s", as_of=datetime.max.replace(tzinfo=UTC))
        refused = refusals_of(open_reading, "s", "1", as_of=datetime.max.replace(tzinfo=UTC))
    assert {one.code for one in refused} == {"json-malformed", "reader-ended"}
    assert sorted((one.envelope.name, one.facts) for one in found) == sorted(
        (one.envelope.name, one.facts) for one in whole.evidence
    )


@pytest.mark.parametrize("child", ["assaybook.no_such_module", ""], ids=["that ends", "at all"])
def test_where_no_reader_can_be_started_the_files_are_read_here(
    files: Path, store: str, monkeypatch: pytest.MonkeyPatch, child: str
) -> None:
    monkeypatch.setattr(read_many, "_HEAP", 1)
    monkeypatch.setattr(readers, "_processors", lambda: 2)
    monkeypatch.setattr(readers, "_CHILD", child)
    if not child:
        monkeypatch.setattr(sys, "executable", str(files / "no-such-python"))
    (done,) = _all(store, Submission((files,), "s", "1"))
    assert len(done.report.accepted) == COUNT
    assert [one.code for one in done.problems] == ["json-malformed"]


def test_an_error_that_is_no_fault_of_a_file_ends_the_run_from_a_reader_too(
    files: Path, store: str, deadly: Path
) -> None:
    deadly.unlink()
    published = deadly.parents[1] / "deadly-1.dist-info" / "entry_points.txt"
    published.write_text("[assaybook.adapters]\nmlflow = deadly:Deadly\n", encoding="utf-8")
    with pytest.raises(OperatorError) as error:
        _all(store, Submission((files,), "s", "1"))
    assert (error.value.code, error.value.where) == ("adapter-clash", "deadly:Deadly")
    assert error.value.hint


def test_a_file_of_bytes_that_were_erased_is_refused_by_its_name_and_the_others_are_recorded(
    files: Path, store: str
) -> None:
    ((first,),) = (one.report.accepted for one in _all(store, _only(files / "e0.json")))
    with writing(store, now, lambda _words: None) as work:
        register_release(work, "s", Release(version="2"))
        erase_blob(work, first.blob, person="ann", reason="a patient asked")
    (done,) = _all(store, Submission((files,), "s", "2"))
    assert len(done.report.accepted) == COUNT - 1
    erased = done.problems[1]
    assert (erased.code, erased.file) == ("blob-erased", str(files / "e0.json"))
    assert "by ann: a patient asked" in erased.message
    with reading(store) as open_reading:
        refused = refusals_of(open_reading, "s", "2", as_of=datetime.max.replace(tzinfo=UTC))
    assert [(one.name, one.code) for one in refused] == [
        ("bad.json", "json-malformed"),
        ("e0.json", "blob-erased"),
    ]
    (again,) = _all(store, _only(files / "e0.json"))
    assert again.report.duplicates == (first,)


def _only(file: Path) -> Submission:
    return Submission((file,), "s", "1")
