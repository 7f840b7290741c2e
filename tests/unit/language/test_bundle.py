import pytest
from pydantic import JsonValue

from assaybook.domain.errors import AuthorError
from assaybook.domain.policy import Bundle, Scope
from assaybook.language.bundle import bundle_json, make_bundle, read_bundle
from assaybook.language.overlay import load_overlay
from assaybook.language.scope import load_scope
from support.policies import SOUND, policy, references, source

OTHER = SOUND.replace("demo.recall", "demo.accuracy")
OVERLAY = "overlay: x\nset: [{policy: demo.recall, params: {floor: 0.6}}]"
SOUND_SOURCE, OTHER_SOURCE = source(SOUND).values(), source(OTHER).values()
CATALOGS = {"nist-ai-rmf-1.0": "sha256:aa"}


def bundle(first: str = SOUND, second: str = OTHER, overlay: str = OVERLAY) -> Bundle:
    policies = [policy(first), policy(second)]
    overlays = [load_overlay(source(overlay), policies=policies)]
    scope = load_scope(source("scope: x"), catalogs=references().catalogs, policies=policies)
    return make_bundle(policies, overlays, scope, CATALOGS)


def test_the_order_of_policies_and_of_their_keys_does_not_change_the_digest() -> None:
    moved = SOUND.replace("severity: low\n", "").replace("title:", "severity: low\ntitle:")
    assert bundle().digest == bundle(OTHER, moved).digest
    assert bundle().digest.startswith("sha256:")


@pytest.mark.parametrize(
    ("old", "new"),
    [("0.5", "0.51"), ("is good", "is great"), ("severity: low", "severity: high")],
)
def test_a_change_of_a_policy_changes_the_digest(old: str, new: str) -> None:
    assert bundle().digest != bundle(SOUND.replace(old, new, 1)).digest


def test_an_overlay_a_scope_and_a_catalog_are_in_the_digest() -> None:
    whole = bundle()
    assert whole.digest != bundle(overlay=OVERLAY.replace("0.6", "0.7")).digest
    parts = (whole.policies, whole.overlays, whole.scope, whole.catalogs)
    assert make_bundle(*parts).digest == whole.digest
    assert make_bundle(*parts[:2], Scope(), parts[3]).digest != whole.digest
    assert make_bundle(*parts[:3], {"nist-ai-rmf-1.0": "sha256:bb"}).digest != whole.digest


def test_a_bundle_kept_as_json_is_read_back_as_the_same_bundle() -> None:
    again = read_bundle(bundle_json(bundle()), references().catalogs)
    assert [policy.source for policy in again.policies] == [OTHER_SOURCE, SOUND_SOURCE]
    assert again.digest == bundle().digest


def test_a_bundle_without_a_scope_is_read_back_with_everything_in() -> None:
    alone = make_bundle([policy()], [], Scope(), CATALOGS)
    assert read_bundle(bundle_json(alone), references().catalogs).digest == alone.digest


def changed(**parts: JsonValue) -> dict[str, JsonValue]:
    return {**bundle_json(bundle()), **parts}


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ([], "bundle-malformed"),
        ({}, "bundle-malformed"),
        ({"kind": "other"}, "bundle-malformed"),
        ({"more": 1}, "bundle-malformed"),
        ({"policies": {}}, "bundle-malformed"),
        ({"policies": ["a"]}, "bundle-malformed"),
        ({"overlays": 3}, "bundle-malformed"),
        ({"scope": []}, "bundle-malformed"),
        ({"catalogs": []}, "bundle-malformed"),
        ({"policies": [{"policy": "a"}]}, "bad-form"),
        ({"policies": [{**SOUND_SOURCE, "version": 10**30}], "overlays": []}, "bundle-malformed"),
        ({"policies": [{**SOUND_SOURCE, "why": "\ud800"}], "overlays": []}, "bundle-malformed"),
    ],
)
def test_a_bundle_that_was_tampered_with_is_refused(written: JsonValue, code: str) -> None:
    value = changed(**written) if isinstance(written, dict) and written else written
    with pytest.raises(AuthorError) as caught:
        read_bundle(value, references().catalogs)
    assert caught.value.code == code
