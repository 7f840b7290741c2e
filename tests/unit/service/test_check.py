"""Files to an assessment without a server: what is asserted, what counts, what is listed."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assaybook.domain.errors import AssayError, UsageError
from assaybook.domain.finding import Assessment, Outcome
from assaybook.domain.ids import written
from assaybook.domain.policy import Assurance, Severity
from assaybook.ledger.keys import new_key, public_text
from assaybook.service.attest import Answer, attest
from assaybook.service.bundles import BundleFiles, read_library
from assaybook.service.check import CheckRequest, check_files, only_release
from assaybook.service.subjects import read_subject
from support.small import POLICY, Small, a_document, a_small_system

AS_OF = datetime(2026, 11, 20, tzinfo=UTC)
APPROVAL = """\
policy: house.approval
version: 1
title: A person has approved the release
why: Somebody must answer for it.
severity: high
controls:
  nist-ai-rmf-1.0: {GOVERN 2.1: supports}
needs: {}
rules:
  - id: approved
    attested:
      question: Do you approve this release?
      role: owner
      people: 1
      valid_for: 90d
    fix: Ask the owner.
"""

BASELINE = "    about: baseline\n    fresh_for"
EARLIER = """\
    baseline: "0"
  - version: "0"
    artifacts: [{name: model, kind: model, digest: "blake3:00"}]
"""


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return a_small_system(tmp_path)


def _request(small: Small, **changes: object) -> CheckRequest:
    known = {
        "evidence": (small.evidence,),
        "system": small.folder / "system.yaml",
        "release": "1",
        "as_of": AS_OF,
        "bundle": BundleFiles((small.folder / "policies",)),
    }
    return CheckRequest(**{**known, **changes})  # type: ignore[arg-type]


def _checked(small: Small, **changes: object) -> Assessment:
    return check_files(_request(small, **changes)).assessment


def _outcomes(found: Assessment) -> dict[str, str]:
    return {f"{one.policy}/{one.rule}": one.outcome.value for one in found.findings}


def test_a_sound_release_passes_and_says_that_everything_is_asserted(small: Small) -> None:
    judged = check_files(_request(small))
    found = judged.assessment
    assert _outcomes(found) == {"quality.floor/floor-is-held": "pass"}
    assert (found.gate.exit, found.assessment.asserted, judged.problems) == (0, True, ())
    assert [one.envelope.assurance for one in judged.evidence] == [Assurance.SELF]
    assert judged.evidence[0].envelope.received_at == AS_OF


def test_the_caller_may_vouch_for_local_files(small: Small) -> None:
    judged = check_files(_request(small, assurance=Assurance.CI))
    assert [one.envelope.assurance for one in judged.evidence] == [Assurance.CI]


def test_nothing_submitted_is_no_pass(small: Small) -> None:
    found = _checked(small, evidence=())
    assert (found.gate.exit, _outcomes(found)) == (
        4,
        {"quality.floor/floor-is-held": "inconclusive"},
    )


def test_a_file_that_cannot_be_read_is_a_problem_and_an_unknown_one_is_listed(
    small: Small,
) -> None:
    small.write("evidence/broken.json", "{")
    small.write("evidence/notes.txt", "hello")
    judged = check_files(_request(small))
    assert len(judged.problems) == 1
    assert judged.assessment.gate.exit == 5
    assert [one.name for one in judged.assessment.unused if not one.evidence] == [
        str(small.evidence / "notes.txt")
    ]


@pytest.mark.parametrize("name", ["evidence.yml", "Evidence.yaml"])
def test_a_manifest_of_another_name_is_said_to_be_one(name: str, small: Small) -> None:
    small.write(f"evidence/{name}", "defaults: {produced_at: mtime}\n")
    (unused,) = _checked(small).unused
    assert unused.name == str(small.evidence / name)
    assert "a manifest is called evidence.yaml" in unused.why


def test_files_of_one_check_stand_together_in_any_order(small: Small) -> None:
    small.write("evidence/zz.json", a_document(0.2, produced_at="2026-11-11T10:00:00Z"))
    one = _checked(small)
    files = sorted(small.evidence.iterdir(), reverse=True)
    other = _checked(small, evidence=tuple(files))
    assert _outcomes(one) == _outcomes(other)
    assert _outcomes(one)["quality.floor/floor-is-held"] != "pass"


def test_overlay_scope_and_waivers_are_read_from_their_files(small: Small) -> None:
    folder = small.folder
    bundle = BundleFiles(
        (folder / "policies",), (), (folder / "overlay.yaml",), folder / "scope.yaml"
    )
    found = _checked(small, bundle=bundle, waivers=folder / "waivers.yaml")
    assert found.findings[0].params == {"floor": 0.8}
    assert [one.state for one in found.waivers] == ["pending"]


def _approve(small: Small, person: str = "bea", **changes: object) -> None:
    small.write("policies/house/approval.yaml", APPROVAL)
    key = new_key()
    trust = {
        "id": person,
        "name": person.title(),
        "roles": ["owner"],
        "key": public_text(key),
        **changes,
    }
    small.write("trust.yaml", json.dumps({"persons": [trust]}))
    files = BundleFiles((small.folder / "policies",), ("house.approval",))
    (policy,) = read_library(files).policies
    subject = read_subject(small.folder / "system.yaml", "1")
    said = Answer(person, "yes", datetime(2026, 11, 18, tzinfo=UTC))
    small.write("evidence/approval.json", attest(policy, "approved", subject, said, key))


def _approved(small: Small, *, trusting: bool = True) -> Assessment:
    trust = small.folder / "trust.yaml" if trusting else None
    return _checked(small, trust=trust)


def test_a_signed_answer_counts_where_its_key_is_trusted(small: Small) -> None:
    _approve(small)
    found = _approved(small)
    assert _outcomes(found)["house.approval/approved"] == "pass"
    assert written(found.findings[0].expires_at or AS_OF) == "2027-02-16T00:00:00Z"


def test_a_signed_answer_is_nobodys_without_a_trust_file(small: Small) -> None:
    _approve(small)
    found = _approved(small, trusting=False)
    assert _outcomes(found)["house.approval/approved"] == "inconclusive"
    why = {one.name.rpartition("/")[2]: one.why for one in found.unused}
    assert "no key of bea that counts has signed it" in why["approval.json"]


def test_a_signed_answer_about_another_model_does_not_count(small: Small) -> None:
    _approve(small)
    small.write("model.bin", b"other weights")
    found = _approved(small)
    finding = next(one for one in found.findings if one.rule == "approved")
    assert finding.outcome is Outcome.INCONCLUSIVE
    assert [one.code for one in finding.left_out] == ["wrong_subject"]


def test_a_key_that_no_longer_counts_at_that_instant_signs_for_nobody(small: Small) -> None:
    _approve(small, valid_until="2026-11-01T00:00:00Z")
    assert _outcomes(_approved(small))["house.approval/approved"] == "inconclusive"


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("system.yaml", "system: {}\n"),
        ("policies/quality/floor.yaml", POLICY.replace("floor:", "treshold:", 1)),
        ("trust.yaml", "persons: []\n"),
        ("waivers.yaml", "waivers: [{}]\n"),
        ("scope.yaml", "scope: 1\n"),
        ("overlay.yaml", "overlay: x\n"),
    ],
)
def test_a_file_that_rules_must_be_readable(small: Small, file: str, content: str) -> None:
    small.write(file, content)
    folder = small.folder
    bundle = BundleFiles(
        (folder / "policies",), (), (folder / "overlay.yaml",), folder / "scope.yaml"
    )
    with pytest.raises(AssayError):
        _checked(small, bundle=bundle, trust=folder / "trust.yaml", waivers=folder / "waivers.yaml")


def test_the_only_release_of_a_file_need_not_be_named(small: Small) -> None:
    system = small.folder / "system.yaml"
    assert only_release(system) == "1"
    small.write("system.yaml", system.read_text() + '  - {version: "2", stage: staging}\n')
    with pytest.raises(UsageError) as caught:
        only_release(system)
    assert (caught.value.code, caught.value.hint) == (
        "release-not-named",
        "Name one with --release: 1, 2.",
    )


def test_the_threshold_is_the_callers(small: Small) -> None:
    assert _checked(small, fail_on=Severity.CRITICAL).gate.exit == 4


def test_files_are_read_where_they_are(small: Small) -> None:
    names: Iterable[Path] = (small.evidence / "metrics.json",)
    assert _checked(small, evidence=tuple(names)).gate.exit == 0


def test_a_named_file_of_another_release_is_left_out_as_one_of_a_folder_is(small: Small) -> None:
    file = small.write("evidence/metrics.json", a_document(subject={"release": "0"}))
    named, met = (check_files(_request(small, evidence=(one,))) for one in (file, small.evidence))
    assert named.problems == met.problems == ()
    assert _outcomes(named.assessment) == {"quality.floor/floor-is-held": "inconclusive"}
    left_out = [[each.code for each in one.assessment.findings[0].left_out] for one in (named, met)]
    assert left_out == [["wrong_subject"]] * 2


def test_a_report_on_the_baseline_counts_as_one_whether_it_is_named_or_met(small: Small) -> None:
    small.write("policies/quality/floor.yaml", POLICY.replace("    fresh_for", BASELINE))
    system = (small.folder / "system.yaml").read_text(encoding="utf-8")
    small.write("system.yaml", system + EARLIER)
    earlier = small.write("evidence/earlier.json", a_document(subject={"release": "0"}))
    for evidence in ((earlier,), (small.evidence,)):
        judged = check_files(_request(small, evidence=evidence))
        assert judged.problems == ()
        assert _outcomes(judged.assessment) == {"quality.floor/floor-is-held": "pass"}
