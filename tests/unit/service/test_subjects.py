"""The subject that a file asserts: artifacts by digest, a release by name."""

import hashlib
from pathlib import Path

import pytest

from assaybook.domain.errors import UsageError
from assaybook.service.subjects import file_digest, read_subject
from support.small import a_small_system


def test_an_artifact_that_is_named_by_path_is_known_by_the_digest_of_its_bytes(
    tmp_path: Path,
) -> None:
    small = a_small_system(tmp_path)
    subject = read_subject(small.folder / "system.yaml", "1")
    (artifact,) = subject.release.artifacts
    assert artifact.digest == f"sha256:{hashlib.sha256(b'weights').hexdigest()}"
    assert (subject.system.id, subject.asserted) == ("triage", True)


def test_a_release_that_is_not_in_the_file_is_named_with_those_that_are(tmp_path: Path) -> None:
    small = a_small_system(tmp_path)
    with pytest.raises(UsageError) as caught:
        read_subject(small.folder / "system.yaml", "2")
    assert (caught.value.code, caught.value.hint) == ("release-unknown", "There are: 1.")


def test_an_artifact_that_is_missing_or_no_file_is_refused(tmp_path: Path) -> None:
    for path, code in (
        (tmp_path / "none", "artifact-missing"),
        (tmp_path, "artifact-unreadable"),
        (Path("/dev/null"), "artifact-unreadable"),
        (Path("/dev/null/x"), "artifact-unreadable"),
        (Path("a\0b"), "artifact-unreadable"),
    ):
        with pytest.raises(UsageError) as caught:
            file_digest(path)
        assert caught.value.code == code


def test_a_model_that_is_a_folder_is_told_what_to_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        file_digest(tmp_path)
    assert caught.value.message == "a folder has no digest"
    assert "pack it as one file" in caught.value.hint


def test_a_file_larger_than_one_part_is_read_whole(tmp_path: Path) -> None:
    content = b"x" * (1024 * 1024 + 1)
    (tmp_path / "big").write_bytes(content)
    assert file_digest(tmp_path / "big") == f"sha256:{hashlib.sha256(content).hexdigest()}"
