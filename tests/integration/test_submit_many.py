"""Many files at once: in parts, by patterns and pipes, and again where a run was broken off."""

import json
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from assaybook.cli.submit import submit
from assaybook.domain.subject import Release, System
from assaybook.service import submit_files
from assaybook.service.read_evidence import read_paths
from assaybook.service.register_system import register_release, register_system
from assaybook.service.remote_files import Gathered, Part, with_piped
from assaybook.service.store_access import reading, writing
from assaybook.service.submit_documents import Submitted
from assaybook.service.submit_files import Submission, matched, submit_in_parts
from assaybook.settings import now
from assaybook.store.evidence import evidence_for

COUNT = 7
BROKEN_OFF = """
import sys, time
from pathlib import Path
from assaybook.service import submit_files
from assaybook.settings import now
submit_files.TOGETHER = 2
said = submit_files.Submission((Path(sys.argv[2]),), "s", "1")
for done in submit_files.submit_in_parts(sys.argv[1], said, now, print):
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
    return list(submit_in_parts(store, submission, now, lambda _words: None))


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
    done = _all(store, submission)
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


def test_what_comes_through_a_pipe_is_sent_to_a_server_under_a_name_of_its_own() -> None:
    named = Part("stdin", "stdin", b"{}", {"path": "stdin"}, {"system": "s"})
    found = with_piped(Gathered((named,), (), ()), b"[]", "presidio")
    first = found.parts[0]
    assert (first.name, first.file, first.content) == ("2/stdin", "stdin", b"[]")
    assert first.said == {"path": "2/stdin", "as": "presidio"}
    assert with_piped(Gathered((), (), ()), b"[]", None).parts[0].said == {"path": "stdin"}
