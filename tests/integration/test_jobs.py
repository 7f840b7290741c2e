"""Work outside the request: done once, by a child that can be ended, and never forgotten."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import Engine, text

from assaybook.domain.canonical import digest_of
from assaybook.domain.errors import OperatorError, UsageError
from assaybook.domain.policy import Severity
from assaybook.service.bundles import BundleFiles, Ruling, read_ruling, recorded_ruling
from assaybook.service.jobs import Made, record_made
from assaybook.service.run_assessment import judge_recorded
from assaybook.service.show_pack import show_document, show_pack
from assaybook.service.worker import WorkLimits
from assaybook.settings import now
from assaybook.store.assessments import list_assessments, load_assessment
from assaybook.store.jobs import (
    ATTEMPTS,
    JobKind,
    JobState,
    count_active,
    next_job,
    requeue_job,
)
from assaybook.store.journal import entries_after
from assaybook.store.unit_of_work import Reading, UnitOfWork
from support.evidence import AS_OF, a_document, a_metric, days
from support.floor import LASTING
from support.jobs import QUICK, asked, awaited, job_of, working
from support.stores import SteadyClock, a_work, registered, submitted

SLEEPER: Final = "import sys, threading; sys.stdin.readline(); threading.Event().wait(60)"
CRASHER: Final = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
RUNNING: Final = frozenset({JobState.RUNNING})


@pytest.fixture
def ruling(tmp_path: Path) -> Ruling:
    """Return one policy and the catalog that it cites."""
    folder = tmp_path / "policies" / "quality"
    folder.mkdir(parents=True)
    (folder / "floor.yaml").write_text(LASTING, encoding="utf-8")
    return read_ruling(BundleFiles((tmp_path / "policies",)))


@pytest.fixture
def filled(engine: Engine, clock: SteadyClock) -> Engine:
    """Return a store with a release and a document about it."""
    registered(engine, clock)
    submitted(engine, a_document(a_metric()), clock=clock)
    return engine


def test_a_queued_assessment_is_the_one_that_is_made_in_this_process(
    filled: Engine, ruling: Ruling
) -> None:
    job = asked(filled, ruling)
    with working(filled):
        done = awaited(filled, job.id)
    assert (done.state, done.problem, done.attempts) == (JobState.DONE, None, 1)
    with Reading(filled) as reading:
        here = judge_recorded(
            reading, "s", "1", ruling, fail_on=Severity.HIGH, as_of=job.task.as_of
        ).assessment
        there = load_assessment(reading, done.result or "")
    assert there == here
    assert there.gate.verdict.value == "pass"


@pytest.mark.slow
def test_a_pack_is_a_recorded_document_whose_digest_is_that_of_its_bytes(
    filled: Engine, ruling: Ruling
) -> None:
    job = asked(filled, ruling, JobKind.PACK, organisation="Ward")
    with working(filled):
        done = awaited(filled, job.id)
    with Reading(filled) as reading:
        record, content = show_document(reading, job.id, systems=None)
        kinds = [one.kind for one in entries_after(reading.connection, 0, limit=100)]
    assert done.problem is None
    assert content.startswith(b"%PDF-")
    assert (record.digest, record.size) == (digest_of(content), len(content))
    assert record.assessment == done.result
    assert kinds[-2:] == ["assessment", "pack"]


def test_an_equal_request_is_the_same_job_and_another_instant_is_another(
    filled: Engine, ruling: Ruling
) -> None:
    at = now()
    first, again = asked(filled, ruling, as_of=at), asked(filled, ruling, as_of=at)
    other = asked(filled, ruling, as_of=at - days(1), person="bea")
    assert first == again
    assert other.id != first.id


def test_a_full_queue_refuses_the_next_job_and_records_nothing(
    filled: Engine, ruling: Ruling
) -> None:
    asked(filled, ruling, most=1)
    with pytest.raises(OperatorError) as caught:
        asked(filled, ruling, most=1)
    with Reading(filled) as reading:
        assert count_active(reading) == 1
    assert caught.value.code == "too-many-jobs"


def test_one_person_leaves_places_in_the_queue_to_others(filled: Engine, ruling: Ruling) -> None:
    at = now()
    for turn in range(2):
        asked(filled, ruling, as_of=at - days(turn), person="ann", most=8)
    with pytest.raises(OperatorError) as caught:
        asked(filled, ruling, as_of=at - days(2), person="ann", most=8)
    assert caught.value.code == "too-many-jobs"
    assert asked(filled, ruling, as_of=at, person="ann", most=8).asked_by == "ann"
    assert asked(filled, ruling, as_of=at - days(2), person="bea", most=8).asked_by == "bea"


def test_a_job_about_what_nobody_registered_or_about_the_future_is_refused(
    filled: Engine, ruling: Ruling
) -> None:
    with pytest.raises(UsageError) as future:
        asked(filled, ruling, as_of=now() + days(1))
    with pytest.raises(UsageError) as early:
        asked(filled, ruling, as_of=AS_OF - days(900))
    assert (future.value.code, early.value.code) == ("as-of-in-the-future", "system-unknown")


def test_a_worker_that_is_told_to_stop_ends_its_child_and_the_job_waits_again(
    filled: Engine, ruling: Ruling, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "assaybook.jobs")
    job = asked(filled, ruling)
    with working(filled, child=SLEEPER):
        awaited(filled, job.id, RUNNING)
    waiting = job_of(filled, job.id)
    assert (waiting.state, waiting.attempts) == (JobState.QUEUED, 0)
    with working(filled):
        assert awaited(filled, job.id).state is JobState.DONE
    said = [vars(one)["fields"] for one in caplog.records if one.message == "job"]
    assert [one["state"] for one in said] == ["waiting", "done"]


def test_a_job_that_takes_too_long_fails_and_says_so(filled: Engine, ruling: Ruling) -> None:
    limits = WorkLimits(wall_seconds=0.3, hold_seconds=0.3, pause_seconds=0.05)
    job = asked(filled, ruling)
    with working(filled, limits, SLEEPER):
        failed = awaited(filled, job.id)
    assert failed.state is JobState.FAILED
    assert failed.problem is not None
    assert failed.problem.code == "job-too-slow"


def test_a_pack_that_takes_too_long_leaves_no_file_behind(
    filled: Engine, ruling: Ruling, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    monkeypatch.setenv("TMPDIR", str(temporary))
    child = (
        "import sys, threading\n"
        "from assaybook.service import job_child\n"
        "job_child.write_pack = lambda *_what, **_how: threading.Event().wait(60)\n"
        "sys.exit(job_child.main(sys.stdin.buffer, sys.stdout))"
    )
    limits = WorkLimits(wall_seconds=6, hold_seconds=2, pause_seconds=0.05)
    job = asked(filled, ruling, JobKind.PACK)
    with working(filled, limits, child):
        latest = time.monotonic() + 30
        while not list(temporary.rglob("assay-pdf-*")):
            assert time.monotonic() < latest
            time.sleep(0.01)
        failed = awaited(filled, job.id)
    assert failed.problem is not None
    assert failed.problem.code == "job-too-slow"
    assert list(temporary.iterdir()) == []


def test_a_job_whose_child_dies_each_time_fails_after_the_last_attempt(
    filled: Engine, ruling: Ruling
) -> None:
    job = asked(filled, ruling)
    with working(filled, child=CRASHER):
        failed = awaited(filled, job.id)
    assert (failed.state, failed.attempts) == (JobState.FAILED, ATTEMPTS)
    assert failed.problem is not None
    assert failed.problem.code == "job-crashed"
    assert asked(filled, ruling, as_of=job.task.as_of).state is JobState.QUEUED


def test_a_child_that_may_not_use_the_memory_that_it_needs_fails_without_a_traceback(
    filled: Engine, ruling: Ruling
) -> None:
    limits = WorkLimits(memory_bytes=200 * 2**20, hold_seconds=2, pause_seconds=0.05)
    job = asked(filled, ruling)
    with working(filled, limits):
        ended = awaited(filled, job.id)
    assert "Traceback" not in ended.model_dump_json()


def test_an_error_of_the_policies_is_the_problem_of_the_job(filled: Engine, ruling: Ruling) -> None:
    job = asked(filled, ruling)
    with UnitOfWork(filled, now) as work:
        # What an older installation asked for, by a catalog that has since changed.
        changed = job.task.model_copy(update={"bundle": "sha256:" + "0" * 64})
        work.connection.execute(
            text("UPDATE jobs SET task_json = :task"), {"task": changed.model_dump_json()}
        )
    with working(filled):
        failed = awaited(filled, job.id)
    assert failed.problem is not None
    assert (failed.state, failed.problem.code) == (JobState.FAILED, "bundle-unknown")


def test_a_fault_of_ours_is_the_problem_of_the_job_and_quotes_nothing(
    filled: Engine, ruling: Ruling
) -> None:
    job = asked(filled, ruling)
    child = (
        "import sys; from assaybook.service import job_child\n"
        "def broken(*_): raise KeyError('a name of a patient')\n"
        "job_child.do = broken\n"
        "sys.exit(job_child.main(sys.stdin.buffer, sys.stdout))"
    )
    with working(filled, child=child):
        failed = awaited(filled, job.id)
    assert failed.problem is not None
    assert (failed.state, failed.problem.code) == (JobState.FAILED, "job-failed")
    assert "KeyError" in failed.problem.message
    assert "patient" not in failed.model_dump_json()


def test_what_a_dead_worker_held_is_taken_up_again_until_it_has_been_begun_too_often(
    filled: Engine, ruling: Ruling, clock: SteadyClock
) -> None:
    clock.at = now()
    job = asked(filled, ruling)
    seen: list[tuple[JobState, int]] = []
    for _attempt in range(ATTEMPTS):
        with a_work(filled, clock) as work:
            taken = next_job(work, owner="dead", hold=days(1))
            assert taken is not None
            assert next_job(work, owner="other", hold=days(1)) is None
        seen.append((taken.state, taken.attempts))
        clock.at += days(2)
    with a_work(filled, clock) as work:
        assert next_job(work, owner="other", hold=days(1)) is None
    failed = job_of(filled, job.id)
    assert seen == [(JobState.RUNNING, each) for each in range(1, ATTEMPTS + 1)]
    assert failed.problem is not None
    assert (failed.state, failed.problem.code) == (JobState.FAILED, "job-abandoned")


def test_a_worker_that_has_lost_a_job_records_nothing_of_it(
    filled: Engine, ruling: Ruling, clock: SteadyClock
) -> None:
    clock.at = now()
    job = asked(filled, ruling)
    with Reading(filled) as reading:
        found = judge_recorded(
            reading, "s", "1", ruling, fail_on=Severity.HIGH, as_of=job.task.as_of
        ).assessment
    with a_work(filled, clock) as work:
        next_job(work, owner="first", hold=days(1))
    with a_work(filled, clock) as work:
        record_made(work, job, Made(found, 999, None), owner="second")
        assert not requeue_job(work, job, owner="second", why=None)
    with Reading(filled) as reading:
        page = list_assessments(reading, system="s", release=None, after=None, limit=10)
    assert (page.items, job_of(filled, job.id).state) == ((), JobState.RUNNING)


def test_a_judgement_that_was_overtaken_is_not_recorded(
    filled: Engine, ruling: Ruling, clock: SteadyClock
) -> None:
    clock.at = now()
    job = asked(filled, ruling)
    with Reading(filled) as reading:
        found = judge_recorded(
            reading, "s", "1", ruling, fail_on=Severity.HIGH, as_of=job.task.as_of
        ).assessment
    with a_work(filled, clock) as work:
        next_job(work, owner="first", hold=days(1))
    with pytest.raises(OperatorError) as caught, a_work(filled, clock) as work:
        record_made(work, job, Made(found, 0, None), owner="first")
    assert caught.value.code == "job-overtaken"
    assert job_of(filled, job.id).state is JobState.RUNNING


def test_a_pack_that_is_not_ready_or_not_there_is_said_to_be_so(
    filled: Engine, ruling: Ruling
) -> None:
    pack, other = asked(filled, ruling, JobKind.PACK), asked(filled, ruling)
    with Reading(filled) as reading:
        job, record = show_pack(reading, pack.id, systems=frozenset({"s"}))
        codes: list[str] = []
        for name, systems in ((pack.id, None), (other.id, None), (pack.id, frozenset({"t"}))):
            with pytest.raises(UsageError) as caught:
                show_document(reading, name, systems=systems)
            codes.append(caught.value.code)
    assert (job.state, record) == (JobState.QUEUED, None)
    assert codes == ["pack-not-ready", "pack-unknown", "pack-unknown"]


def test_a_bundle_is_read_back_as_it_was_recorded(ruling: Ruling) -> None:
    from assaybook.language.bundle import bundle_json

    again = recorded_ruling(dict(bundle_json(ruling.bundle)))
    assert again.bundle.digest == ruling.bundle.digest
    assert [one.id for one in again.catalogs] == [one.id for one in ruling.catalogs]


@pytest.mark.slow
def test_a_killed_server_leaves_no_child_behind_and_the_next_one_does_its_job(
    filled: Engine, ruling: Ruling, tmp_path: Path
) -> None:
    job = asked(filled, ruling)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    child = (
        "import sys; from assaybook.service.job_child import end_with_parent\n"
        f"held = open({str(pipe)!r}, 'w'); held.write('here'); held.flush()\n"
        "sys.stdin.buffer.readline(); end_with_parent(sys.stdin.buffer)"
    )
    code = (
        "import sys; sys.path.insert(0, sys.argv[2])\n"
        "import threading\n"
        "from assaybook.store.engine import open_engine\n"
        "from support.jobs import working\n"
        "with working(open_engine(sys.argv[1]), child=sys.argv[3]):\n"
        "    threading.Event().wait(60)\n"
    )
    url = filled.url.render_as_string(hide_password=False)
    tests = str(Path(__file__).resolve().parents[1])
    server = subprocess.Popen([sys.executable, "-c", code, url, tests, child])
    with pipe.open("rb") as held:
        assert held.read(4) == b"here"
        os.kill(server.pid, signal.SIGKILL)
        server.wait()
        assert held.read() == b"", "the child has ended: nobody holds the pipe any more"
    with working(filled, QUICK):
        done = awaited(filled, job.id)
    assert (done.state, done.attempts) == (JobState.DONE, 2)
