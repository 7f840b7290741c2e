"""Long work says how far it is, and short work says nothing."""

from io import StringIO
from pathlib import Path

import pytest

from assaybook.cli.progress import files_shown, names_shown, transfer_shown


class _Screen(StringIO):
    """A stderr that is a terminal."""

    def isatty(self) -> bool:
        """Say that it is one."""
        return True


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of some more than a thousand files."""
    for number in range(1001):
        (tmp_path / f"e{number}").touch()
    return tmp_path


def _screen(monkeypatch: pytest.MonkeyPatch) -> _Screen:
    """Return what a terminal shows from now on."""
    screen = _Screen()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    return screen


def test_a_terminal_sees_how_many_files_were_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = _screen(monkeypatch)
    with files_shown("reading", [folder]) as seen:
        seen(400)
    assert "400/1001" in screen.getvalue()


def test_a_terminal_sees_how_far_a_transfer_is(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = _screen(monkeypatch)
    with transfer_shown("submitting") as progress:
        progress(10, 20)
    assert "submitting" in screen.getvalue()


def test_a_terminal_sees_what_was_done_last(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = _screen(monkeypatch)
    with names_shown("judging") as done:
        done("triage 1.0")
    assert "1 triage 1.0" in screen.getvalue()


def test_the_log_of_a_pipeline_has_a_line_for_each_thousand_files(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with files_shown("reading", [folder]) as seen:
        for _number in range(1001):
            seen(1)
    assert capsys.readouterr().err == "reading: 1000 of 1001 files\n"


def test_the_log_of_a_pipeline_has_a_line_for_each_request_but_the_last(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with transfer_shown("submitting") as progress:
        progress(8_000_000, 9_500_000)
        progress(9_500_000, 9_500_000)
    assert capsys.readouterr().err == "submitting: 8.0 of 9.5 MB\n"


def test_few_files_are_read_without_a_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = _screen(monkeypatch)
    with files_shown("reading", [tmp_path]) as seen:
        seen(1)
    assert not screen.getvalue()
