"""The manifest: it fills what a file leaves open, and may not contradict it."""

import hashlib
import json
from pathlib import Path

import pytest

from assaybook.domain.errors import SubmitterError
from assaybook.domain.policy import Assurance
from assaybook.intake.declared import Declared
from assaybook.intake.limits import Limits
from assaybook.intake.manifest import Manifest, read_manifest
from support.documents import evidence_of, opened, refusal

FAIRLEARN = "sex,accuracy,recall,count\nF,0.7,0.6,10\nM,0.8,0.9,20\n"
DRIFT = {
    "metrics": [
        {
            "metric_name": "ValueDrift",
            "config": {"type": "evidently:metric_v2:ValueDrift", "column": "a", "method": "ks"},
            "value": 0.5,
        }
    ]
}
OWN = {
    "assaybook": "v1",
    "run": "r",
    "produced_at": "2026-11-20T09:00:00Z",
    "scope": {"dataset": "d"},
    "subject": {
        "release": "1",
        "artifacts": [{"kind": "model", "name": "m", "digest": "sha256:aa"}],
    },
}


def _said(**words: object) -> Declared:
    return Declared.model_validate_json(json.dumps(words))


def _manifest(folder: Path, text: str) -> Manifest:
    path = folder / "evidence.yaml"
    path.write_text(text)
    return read_manifest(path, Limits())


def _fault(folder: Path, text: str) -> SubmitterError:
    (folder / "a.json").write_text("[]")
    with pytest.raises(SubmitterError) as error:
        _manifest(folder, text)
    return error.value


def test_what_is_declared_fills_what_the_file_leaves_open_and_is_named() -> None:
    said = _said(
        scope={"split": "holdout"},
        produced_at="2026-11-20T09:00:00Z",
        release="1.0",
        artifacts=[{"digest": "sha256:ab", "kind": "model"}],
        counts={"n": {"recall[sex=F]": 4, "recall": 9}},
    )
    evidence = evidence_of(FAIRLEARN, "by.csv", said=said)
    envelope = evidence.envelope
    assert (envelope.scope.split, envelope.subject.release, envelope.produced_at is not None) == (
        *("holdout", "1.0", True),
    )
    assert envelope.declared == ("about", "counts", "produced_at", "release", "scope")
    counts = {
        (f.model_dump()["name"], f.model_dump()["slice"]): f.model_dump()["n"]
        for f in evidence.facts
    }
    assert counts == {
        ("accuracy", "sex=F"): 10,
        ("recall", "sex=F"): 4,
        ("accuracy", "sex=M"): 20,
        ("recall", "sex=M"): None,
    }


def test_nothing_declared_is_nothing_marked() -> None:
    assert evidence_of(OWN).envelope.declared == ()


@pytest.mark.parametrize(
    ("assurance", "wanted"),
    [(Assurance.SELF, "self"), (Assurance.CI, "ci"), (Assurance.VERIFIED, "ci")],
)
def test_what_is_declared_never_borrows_the_strength_of_a_signature(
    assurance: Assurance, wanted: str
) -> None:
    evidence = evidence_of(OWN, assurance=assurance)
    assert evidence.envelope.declared_assurance.value == wanted


@pytest.mark.parametrize(
    "words",
    [
        {"release": "2"},
        {"scope": {"dataset": "other"}},
        {"produced_at": "2026-11-01T00:00:00Z"},
        {"run": "s"},
        {"artifacts": [{"kind": "model", "name": "m", "digest": "sha256:bb"}]},
        {"asked": ["nothing/known"]},
    ],
    ids=lambda words: next(iter(words)),
)
def test_a_declared_value_that_the_file_contradicts_is_refused(words: dict[str, object]) -> None:
    assert refusal(OWN, said=_said(**words)).code == "manifest-contradicts"


def test_the_same_value_twice_is_no_contradiction_and_was_not_needed() -> None:
    words = {"release": "1", "produced_at": "2026-11-20T09:04:00Z", "scope": {"dataset": "d"}}
    envelope = evidence_of(OWN, said=_said(**words)).envelope
    assert (envelope.declared, envelope.produced_at is not None) == ((), True)


def test_a_default_never_contradicts() -> None:
    defaults = _said(release="2", scope={"dataset": "other", "split": "x"})
    envelope = evidence_of(OWN, defaults=defaults).envelope
    assert (envelope.subject.release, envelope.scope.dataset, envelope.scope.split) == (
        *("1", "d", "x"),
    )


def test_the_time_of_a_file_never_contradicts_the_time_that_it_states() -> None:
    said = _said(file_time="2026-01-01T00:00:00Z")
    assert evidence_of(OWN, said=said).envelope.declared == ()


def test_digests_of_other_algorithms_names_or_kinds_do_not_contradict() -> None:
    others = [
        {"kind": "model", "name": "m", "digest": "md5:bb"},
        {"kind": "dataset", "name": "m", "digest": "sha256:bb"},
        {"kind": "model", "name": "other", "digest": "sha256:bb"},
    ]
    assert len(evidence_of(OWN, said=_said(artifacts=others)).envelope.subject.artifacts) == 4


def test_the_sizes_of_both_windows_of_a_drift_report_can_be_declared() -> None:
    counts = {"counts": {"n_reference": 10, "n_current": 20}}
    (fact,) = evidence_of(DRIFT, said=_said(**counts)).facts
    assert (fact.model_dump()["n_reference"], fact.model_dump()["n_current"]) == (10, 20)


def test_more_trials_than_rows_are_refused() -> None:
    error = refusal(FAIRLEARN, "by.csv", said=_said(counts={"n": 11}))
    assert error.code == "manifest-contradicts"


def test_trials_declared_for_a_metric_may_not_contradict_those_that_the_file_states() -> None:
    fact = {"type": "metric", "name": "recall", "slice": "", "value": 0.9, "n": 100}
    own = {**OWN, "coverage": [], "facts": [fact]}
    assert refusal(own, said=_said(counts={"n": {"recall": 90}})).code == "manifest-contradicts"
    (kept,) = evidence_of(own, said=_said(counts={"n": 90})).facts
    assert kept.model_dump()["n"] == 100


def test_a_question_that_was_asked_has_unknown_counts_where_the_format_gives_none() -> None:
    (row,) = evidence_of([], said=_said(format="presidio", asked=["pii/email"])).coverage
    assert (row.question, row.examined, row.failed) == ("pii/email", None, None)


def test_declared_coverage_fills_the_counts_of_an_empty_list() -> None:
    row = {"question": "security/secret", "examined": 18, "failed": 0, "errored": 0, "skipped": 0}
    said = _said(format="gitleaks", coverage=[row])
    evidence = evidence_of([], said=said)
    assert (evidence.coverage[0].examined, evidence.envelope.declared) == (
        18,
        ("coverage", "format"),
    )


def test_no_finding_cannot_be_declared_beside_a_finding() -> None:
    leak = {"RuleID": "r", "File": "f", "Fingerprint": "x"}
    row = {"question": "security/secret", "examined": 18, "failed": 0}
    assert refusal([leak], said=_said(coverage=[row])).code == "manifest-contradicts"
    assert refusal([leak], said=_said(coverage=[{**row, "failed": None, "examined": 0}])).code == (
        "manifest-contradicts"
    )


def test_a_tool_cannot_be_declared_to_answer_what_its_format_cannot() -> None:
    said = _said(format="gitleaks", asked=["pii/email"])
    assert refusal([], said=said).code == "manifest-contradicts"


def test_another_name_of_a_format_means_its_version() -> None:
    card = "---\nlicense: mit\n---\n# M\n"
    assert opened(card, "R.md", as_format="hf-model-card").detected.version == "model-card"
    assert refusal(card, "R.md", as_format="hf-data-card").code == "format-contradicted"


def test_a_manifest_is_read_with_defaults_and_digests(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"weights")
    (tmp_path / "gitleaks.json").write_text("[]")
    (tmp_path / "card.md").write_text("# M\n")
    text = """
defaults:
  about: {model: model.bin}
  scope: {dataset: d}
  produced_at: mtime
files:
- path: gitleaks.json
  as: gitleaks
  scope: {path: src}
  coverage:
  - {question: security/secret, examined: 3, skipped_items: [a]}
- path: card.md
  about: [{digest: "sha256:ab", kind: docs, name: card}]
  observed_at: "2026-11-20T09:00:00Z"
- path: absent.json
"""
    manifest = _manifest(tmp_path, text)
    secrets, card = manifest.entries
    digest = f"sha256:{hashlib.sha256(b'weights').hexdigest()}"
    assert [one.digest for one in secrets.declared[1].artifacts] == [digest]
    assert (secrets.declared[0].scope.path, secrets.declared[1].scope.dataset) == ("src", "d")
    assert secrets.declared[1].file_time is not None
    assert secrets.declared[0].coverage[0].skipped_items == ("a",)
    assert (card.declared[0].artifacts[0].name, card.declared[1].artifacts) == ("card", ())
    assert [(one.code, one.where.rpartition("#")[2]) for one in manifest.problems] == [
        ("manifest-file-missing", "/files/2/path")
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("files: []\nfile: []\n", "/file"),
        ("files: a.json\n", "/files"),
        ("- a\n", ""),
        ("files:\n- path: a.json\n  scop: {}\n", "/files/0/scop"),
        ("files:\n- path: a.json\n  scope: {dtaset: d}\n", "/files/0/scope/dtaset"),
        ("defaults: {coverage: []}\nfiles: []\n", "/defaults/coverage"),
        ("files:\n- as: gitleaks\n", "/files/0/path"),
        ("files:\n- path: ../a.json\n", "/files/0/path"),
        ("files:\n- path: /etc/passwd\n", "/files/0/path"),
        ("files:\n- path: a.json\n  produced_at: 2026-11-20\n", "/files/0/produced_at"),
        ("files:\n- path: a.json\n  about: {modl: x}\n", "/files/0/about/modl"),
        ("files:\n- path: a.json\n  about: {model: absent}\n", "/files/0/about/model"),
        ("files:\n- path: a.json\n  about: {model: .}\n", "/files/0/about/model"),
        ("files:\n- path: a.json\n  about: {digest: abc}\n", "/files/0/about/digest"),
        ("files:\n- path: a.json\n  about: {digest: 'a:b', kind: x}\n", "/files/0/about/kind"),
        ("files:\n- path: a.json\n  asked: pii\n", "/files/0/asked"),
        ("files:\n- path: a.json\n  asked: ['PII mail']\n", "/files/0/asked/0"),
        ("files:\n- path: a.json\n  coverage: all\n", "/files/0/coverage"),
        (
            "files:\n- path: a.json\n  coverage: [{question: a/b, examined: many}]\n",
            "/files/0/coverage/0/examined",
        ),
        ("files:\n- path: a.json\n  counts: {n: -1}\n", "/files/0/counts/n"),
        ("files:\n- path: a.json\n  counts: {n: {recall: x}}\n", "/files/0/counts/n/recall"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused_at_its_place(
    text: str, place: str, tmp_path: Path
) -> None:
    error = _fault(tmp_path, text)
    assert (error.code, error.where.rpartition("#")[2]) == ("manifest-invalid", place)


def test_a_misspelt_key_is_answered_with_the_right_one(tmp_path: Path) -> None:
    assert "scope" in _fault(tmp_path, "files:\n- path: a.json\n  scop: {}\n").hint


def test_a_manifest_with_a_repeated_key_is_refused(tmp_path: Path) -> None:
    assert _fault(tmp_path, "files: []\nfiles: []\n").code == "yaml-duplicate-key"


def test_a_link_out_of_the_folder_is_outside_of_it(tmp_path: Path) -> None:
    folder = tmp_path / "inside"
    folder.mkdir()
    (tmp_path / "secret.json").write_text("[]")
    (folder / "link.json").symlink_to(tmp_path / "secret.json")
    assert "in the folder" in _fault(folder, "files:\n- path: link.json\n").message


def test_defaults_alone_hold_for_whatever_lies_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("[]")
    found = _manifest(tmp_path, "defaults: {release: '2', produced_at: mtime}\n")
    assert (found.entries, found.others is None) == ((), False)
    assert found.others is not None
    said = found.others(tmp_path / "a.json")
    assert (said.release, said.file_time is None, said.produced_at) == ("2", False, None)
    with pytest.raises(SubmitterError, match="cannot be taken"):
        found.others(tmp_path / "gone.json")
    assert _manifest(tmp_path, "defaults: {release: '2'}\nfiles: []\n").others is None


@pytest.mark.parametrize("text", ["defaults: {}\n", "{}\n", "defaults: {release: '1'}\nfiles: a\n"])
def test_a_manifest_that_says_nothing_is_told_how_to_say_something(
    text: str, tmp_path: Path
) -> None:
    assert "defaults hold for every file" in _fault(tmp_path, text).hint


@pytest.mark.parametrize(
    ("text", "reason", "hint"),
    [
        pytest.param("files:\n\t- path: a.json\n", "a tab", "Indent with spaces", id="a tab"),
        pytest.param(
            *("files:\n  - path: a: b\n", "a colon and a space make a key", "in quotes"),
            id="a colon",
        ),
        pytest.param("files: [a.json]", "a mapping with path", "{path: ...}", id="a name alone"),
        pytest.param(
            "files:\n  - path: a.json\n    coverage: [{question: drift, examined: yes}]\n",
            *("not 'yes'", "Write its digits"),
            id="a word for a number",
        ),
    ],
)
def test_whoever_writes_a_manifest_otherwise_is_told_how(
    text: str, reason: str, hint: str, tmp_path: Path
) -> None:
    error = _fault(tmp_path, text)
    assert reason in error.message
    assert hint in error.hint


@pytest.mark.parametrize(
    ("question", "hint"),
    [
        ("security/secrets", "Did you mean security/secret?"),
        ("fairness", "It answers security/secret."),
    ],
)
def test_a_question_that_a_format_cannot_answer_is_told_with_those_that_it_can(
    question: str, hint: str
) -> None:
    error = refusal([], said=_said(format="gitleaks", asked=[question]))
    assert (error.code, error.hint) == ("manifest-contradicts", hint)
    assert error.message == f"asked: gitleaks does not answer {question}"
