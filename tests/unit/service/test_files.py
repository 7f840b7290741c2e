"""Files that a person named: read whole, or refused with a word to act on."""

from pathlib import Path

import pytest

from assaybook.domain.errors import UsageError
from assaybook.service import files
from assaybook.service.files import read_bytes, read_yaml, write_bytes, write_private


def _code(error: pytest.ExceptionInfo[UsageError]) -> tuple[str, str]:
    return error.value.code, error.value.where


def test_bytes_are_read_and_written_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    write_bytes(path, b"\x00\xff")
    assert read_bytes(path) == b"\x00\xff"


def test_yaml_is_read_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    write_bytes(path, b"a: 1\n")
    assert (read_yaml(path).data, read_yaml(path).file) == ({"a": 1}, str(path))


def test_what_is_not_there_or_no_file_is_refused(tmp_path: Path) -> None:
    for path, code in (
        (tmp_path / "none", "file-missing"),
        (tmp_path, "file-unreadable"),
        (Path("/dev/null/x"), "file-unreadable"),
        (Path("a\0b"), "file-unreadable"),
    ):
        with pytest.raises(UsageError) as caught:
            read_bytes(path)
        assert _code(caught) == (code, str(path))


def test_a_file_that_is_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "big"
    path.write_bytes(b"123")
    monkeypatch.setattr(files, "_MOST_BYTES", 2)
    with pytest.raises(UsageError) as caught:
        read_bytes(path)
    assert _code(caught) == ("file-too-large", str(path))


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for write in (write_bytes, write_private):
        with pytest.raises(UsageError) as caught:
            write(tmp_path / "file" / "below", b"")
        assert caught.value.code == "file-unwritable"
    with pytest.raises(UsageError) as caught:
        write_bytes(tmp_path, b"")
    assert _code(caught) == ("file-unwritable", str(tmp_path))
    for path in (tmp_path / ("x" * 300), Path("/dev/full")):
        with pytest.raises(UsageError) as caught:
            write_bytes(path, b"x")
        assert caught.value.code == "file-unwritable"


def test_a_private_file_is_its_owners_alone_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "ada.pem"
    write_private(path, b"secret")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"secret", 0o600)
    with pytest.raises(UsageError):
        write_private(path, b"other")
    assert path.read_bytes() == b"secret"
