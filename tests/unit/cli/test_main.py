"""However a process ends, its exit code is no verdict that nobody gave."""

import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from errno import EDQUOT
from pathlib import Path
from typing import IO, Final, NoReturn

import pytest

from assaybook.cli import main


def _run(*words: str, out: IO[str] | int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "assaybook", *words]
    return subprocess.run(command, stdout=out, stderr=subprocess.PIPE, text=True, check=False)


def test_a_reader_that_has_read_enough_is_no_fail() -> None:
    command = [sys.executable, "-m", "assaybook", "control", "list", "--format", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert process.returncode == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device here is always full")
@pytest.mark.parametrize("words", [("--version",), ("control", "list", "--format", "json")])
def test_a_full_disk_is_told_and_is_no_verdict(words: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = _run(*words, out=full)
    assert done.returncode == 2
    assert done.stderr == (
        "error[output-unwritable] stdout or a temporary file: No space left on device\n"
        "  Make room there; TMPDIR names the folder of temporary files.\n"
    )


def test_a_command_whose_stdout_is_closed_does_its_work() -> None:
    code = "import os, sys; os.close(1); os.execv(sys.executable, sys.argv[1:])"
    words = [sys.executable, "-m", "assaybook", "policy", "list"]
    done = subprocess.run([sys.executable, "-c", code, *words], check=False, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"21 policies\n")


@pytest.mark.parametrize(
    ("raised", "code", "told"),
    [
        (KeyboardInterrupt(), 130, "stopped by Ctrl-C\n"),
        (OSError(5, "odd"), 5, "This is a fault of Assaybook and no verdict."),
        (ValueError("odd"), 5, "ValueError: odd"),
        (
            OSError(EDQUOT, "Disk quota exceeded", "x.pdf"),
            2,
            "error[output-unwritable] x.pdf: Disk",
        ),
        (
            FileNotFoundError(2, "No usable temporary directory found in ['/tmp']"),
            2,
            "error[temporary-folder-missing] TMPDIR: No usable temporary directory",
        ),
        (FileNotFoundError(2, "No such file"), 5, "This is a fault of Assaybook and no verdict."),
    ],
    ids=["Ctrl-C", "a broken device", "a defect", "a quota", "no temporary folder", "another"],
)
def test_the_end_that_nobody_foresaw_is_told_without_a_traceback(
    raised: BaseException,
    code: int,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def assembled(_words: object) -> NoReturn:
        raise raised

    monkeypatch.setattr("assaybook.cli.assembly.assembled", assembled)
    monkeypatch.setattr("assaybook.cli.main._forget_output", lambda: None)
    monkeypatch.setattr("gc.set_threshold", str)
    monkeypatch.setattr("gc.freeze", str)
    with pytest.raises(SystemExit) as ended:
        main.run()
    said = capfd.readouterr().err
    assert (ended.value.code, told in said, "Traceback" in said) == (code, True, False)


_INTERRUPTED_IN_A_LIBRARY = """
import signal
from assaybook.cli import assembly, main

def assembled(words):
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt as error:
        raise ValueError("as a library says it") from error

assembly.assembled = assembled
main.run()
"""
_INTERRUPTED_WHERE_NOTHING_CAN_BE_RAISED = """
import signal, time
from assaybook.cli import assembly, main

class Late:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)

def assembled(words):
    Late()
    time.sleep(20)

assembly.assembled = assembled
main.run()
"""


@pytest.fixture
def heard() -> Iterator[None]:
    """Let children hear Ctrl-C, though the tests may run where it is ignored, as behind a ``&``."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize(
    "code",
    [_INTERRUPTED_IN_A_LIBRARY, _INTERRUPTED_WHERE_NOTHING_CAN_BE_RAISED],
    ids=["told as an error of a library", "swallowed"],
)
def test_ctrl_c_that_a_library_takes_for_itself_is_heard_all_the_same(code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=15
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "stopped by Ctrl-C\n")


_WAITS: Final = ["submit", "-", "--system", "s", "--release", "1"]


@contextmanager
def _waiting() -> Generator[subprocess.Popen[str]]:
    """Start a command that reads what nobody writes, and give it time to do so."""
    pipe = subprocess.PIPE
    words = [sys.executable, "-m", "assaybook", *_WAITS]
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            time.sleep(1)
            yield process
        finally:
            process.kill()


@pytest.mark.usefixtures("heard")
def test_ctrl_c_ends_a_command_that_waits_with_one_line() -> None:
    with _waiting() as process:
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert process.stdout is not None
        assert process.stderr is not None
        assert (process.stdout.read(), process.stderr.read()) == ("", "stopped by Ctrl-C\n")


@pytest.mark.usefixtures("heard")
def test_a_command_goes_on_where_its_caller_has_ctrl_c_ignored() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with _waiting() as process:
        process.send_signal(signal.SIGINT)
        _said, told = process.communicate("", timeout=30)
    assert process.returncode not in {130, -signal.SIGINT}
    assert "Ctrl-C" not in told
