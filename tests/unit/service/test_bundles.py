"""A bundle is known by one digest of all that rules."""

from pathlib import Path

import pytest

from assaybook.catalogs.load import load_catalogs
from assaybook.domain.errors import AssayError, AuthorError
from assaybook.language.bundle import bundle_json, read_bundle
from assaybook.service.bundles import (
    BundleFiles,
    Ruling,
    read_library,
    read_ruling,
    recorded_ruling,
)
from support.small import OVERLAY, POLICY, SCOPE, Small, a_small_system


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return a_small_system(tmp_path)


def _ruling(small: Small) -> Ruling:
    folder = small.folder
    return read_ruling(
        BundleFiles((folder / "policies",), (), (folder / "overlay.yaml",), folder / "scope.yaml")
    )


def test_the_digest_stays_as_long_as_nothing_changes(small: Small, tmp_path: Path) -> None:
    elsewhere = a_small_system(tmp_path / "elsewhere")
    assert _ruling(small).bundle.digest == _ruling(elsewhere).bundle.digest
    assert _ruling(small).bundle.digest.startswith("sha256:")


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("policies/quality/floor.yaml", POLICY.replace("0.75", "0.76")),
        ("policies/quality/floor.yaml", POLICY.replace("severity: high", "severity: low")),
        ("overlay.yaml", OVERLAY.replace("0.8", "0.9")),
        ("scope.yaml", SCOPE.replace("One release is judged", "Another reason")),
    ],
)
def test_the_digest_changes_with_every_part(small: Small, file: str, content: str) -> None:
    before = _ruling(small).bundle.digest
    small.write(file, content)
    assert _ruling(small).bundle.digest != before


def test_the_catalogs_are_those_of_the_scope_or_those_that_policies_cite(small: Small) -> None:
    assert [one.id for one in _ruling(small).catalogs] == ["nist-ai-rmf-1.0"]
    alone = read_ruling(BundleFiles((small.folder / "policies",)))
    assert [one.id for one in alone.catalogs] == ["nist-ai-rmf-1.0"]
    assert list(alone.bundle.catalogs) == ["nist-ai-rmf-1.0"]
    assert alone.bundle.scope.name == "everything"


def test_without_folders_the_library_that_ships_is_meant() -> None:
    assert len(read_library(BundleFiles()).policies) > 5
    some = read_library(BundleFiles(globs=("security.*",))).policies
    assert {one.id.partition(".")[0] for one in some} == {"security"}


def test_a_name_that_matches_no_policy_is_refused() -> None:
    with pytest.raises(AssayError):
        read_library(BundleFiles(globs=("nothing.*",)))


def _narrow(small: Small, glob: str) -> Ruling:
    small.write("policies/quality/other.yaml", POLICY.replace("quality.floor", "quality.other"))
    left_out = "left_out:\n  - {policy: quality.other, reason: Not yet.}\n"
    small.write("scope.yaml", SCOPE + left_out)
    folder, overlay = small.folder, small.folder / "overlay.yaml"
    return read_ruling(
        BundleFiles((folder / "policies",), (glob,), (overlay,), folder / "scope.yaml")
    )


def test_overlay_and_scope_may_speak_of_policies_that_are_not_asked_for(small: Small) -> None:
    bundle = _narrow(small, "quality.floor").bundle
    assert [one.id for one in bundle.policies] == ["quality.floor"]
    assert [one.policy for overlay in bundle.overlays for one in overlay.sets] == ["quality.floor"]
    assert dict(bundle.scope.left_out) == {}


def test_a_narrowed_bundle_can_be_read_again_as_it_was(small: Small) -> None:
    bundle = _narrow(small, "quality.other").bundle
    assert bundle.overlays == ()
    assert dict(bundle.scope.left_out) == {"quality.other": "Not yet."}
    again = read_bundle(bundle_json(bundle), load_catalogs())
    assert again.digest == bundle.digest


@pytest.mark.parametrize("name", ["no-such-catalog", "../nist-ai-rmf-1.0", "/etc", ""])
def test_a_recorded_bundle_of_a_catalog_that_there_is_not_looks_for_no_file(name: str) -> None:
    written = bundle_json(read_ruling(BundleFiles()).bundle)
    with pytest.raises(AuthorError) as refusal:
        recorded_ruling({**written, "catalogs": {name: "sha256:00"}})
    assert refusal.value.code == "catalog-changed"
