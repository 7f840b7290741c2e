"""``assay check`` as a pipeline meets it: exit codes, streams, and the shape of the JSON."""

import re
from pathlib import Path
from typing import Any, Final

import pytest

from support.commands import Done, assay, assay_process, refused
from support.example import FLAWED, SOUND, checked, options_of, outcomes
from support.small import AS_OF, Small, a_document

SHAPE: Final = {
    "assessment": ["bundle", "subject", "evidence_set", "as_of", "engine", "asserted", "digest"],
    "findings": [
        *("policy", "policy_version", "rule", "title", "sentence", "system", "release"),
        *("outcome", "disposition", "waiver", "rest", "severity", "reasons", "rows", "controls"),
        *("evidence", "left_out", "needs", "params", "relaxed", "trace", "message", "fix"),
        "expires_at",
    ],
    "standings": ["catalog", "control", "system", "release", "standing", "counts", "reason"],
    "conclusion": ["catalog", "words", "counts"],
    "waivers": [],
    "unused": ["evidence", "name", "why"],
    "gate": ["verdict", "exit", "fail_on", "counts", "below", "problems"],
    "problems": [],
    "files": [],
}
WITHIN: Final = {
    "reasons": {"code", "path", "message"},
    "rows": {"key", "outcome", "reasons", "waived_by", "message", "trace", "evidence"},
    "controls": {"catalog", "control", "relation"},
    "evidence": {"id", "pointer", "age"},
    "left_out": {"evidence", "code", "need", "message"},
}
COUNTS: Final = ["pass", "fail", "waived", "inconclusive", "error", "not_applicable"]


def test_no_evidence_is_nothing_judged_and_exits_4(example: Path) -> None:
    done = assay("check", *options_of(example, SOUND), "--format", "json")
    assert done.code == 4
    assert done.value["gate"]["verdict"] == "nothing"
    assert "pass" not in outcomes(done.value).values()
    assert {one["words"] for one in done.value["conclusion"]} == {"not determined"}


def test_evidence_without_the_needed_facts_is_undecided_and_exits_3(example: Path) -> None:
    card = example / "releases" / SOUND / "evidence" / "data-card.md"
    done = assay("check", card, *options_of(example, SOUND), "--format", "json")
    assert done.code == 3
    assert done.value["gate"]["verdict"] == "inconclusive"
    assert done.value["gate"]["counts"]["pass"] == 0


def test_the_flawed_release_fails_and_exits_1(flawed: Done) -> None:
    assert (flawed.code, flawed.value["gate"]["verdict"]) == (1, "fail")
    assert {one["words"] for one in flawed.value["conclusion"]} == {"does not conform"}


def test_the_sound_release_passes_and_exits_0(sound: Done) -> None:
    assert (sound.code, sound.value["gate"]["verdict"]) == (0, "pass")
    assert {one["words"] for one in sound.value["conclusion"]} == {"conforms"}
    assert sound.err == ""


def test_as_many_findings_come_out_as_rules_go_in(sound: Done, flawed: Done) -> None:
    listed = assay("policy", "list", "--format", "json").value
    rules = sum(one["rules"] for one in listed)
    assert rules > 0
    for done in (sound, flawed):
        assert len(outcomes(done.value)) == len(done.value["findings"]) == rules


def test_the_json_has_the_keys_that_others_build_on(sound: Done, flawed: Done) -> None:
    for done in (sound, flawed):
        assert list(done.value) == list(SHAPE)
        for part, keys in SHAPE.items():
            if part == "files":  # a path for each piece of evidence
                assert set(done.value[part]) >= {
                    u["id"] for f in done.value["findings"] for u in f["evidence"]
                }
                continue
            held = done.value[part]
            rows: list[Any] = [held] if isinstance(held, dict) else held
            assert all(list(one) == keys for one in rows), part
        for finding in done.value["findings"]:
            for part, names in WITHIN.items():
                assert all(set(one) == names for one in finding[part]), part
        for one in [done.value["gate"], *done.value["standings"]]:
            assert list(one["counts"]) == COUNTS


def test_the_gate_counts_are_the_counts_of_the_findings(sound: Done, flawed: Done) -> None:
    for done in (sound, flawed):
        gate = done.value["gate"]
        assert gate["exit"] == done.code
        counted = {name: gate["counts"][name] + gate["below"][name] for name in COUNTS}
        assert counted == _counted(done.value["findings"])


def _counted(findings: list[dict[str, Any]]) -> dict[str, int]:
    words = ["waived" if one["disposition"] == "waived" else one["outcome"] for one in findings]
    return {name: words.count(name) for name in COUNTS}


def test_the_same_files_and_instant_give_the_same_bytes_in_another_process(
    example: Path, sound: Done
) -> None:
    evidence = example / "releases" / SOUND / "evidence"
    words = ("check", evidence, *options_of(example, SOUND), "--format", "json")
    other = {"PYTHONHASHSEED": "77", "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "TZ": "Asia/Tokyo"}
    again = assay_process(*words, inside=example, environment=other)
    assert again.out == sound.out


def test_where_the_files_lie_changes_no_digest(small: Small, tmp_path: Path) -> None:
    before = small.check("--format", "json").value
    moved = tmp_path / "elsewhere"
    small.folder.rename(moved)
    after = Small(moved).check("--format", "json").value
    assert after == before


@pytest.mark.parametrize("style", ["table", "json", "csv", "markdown"])
def test_each_form_says_the_same_exit_code_and_talks_on_stderr_only(
    style: str, small: Small
) -> None:
    small.write("evidence/broken.json", "{")
    done = small.check("--format", style)
    said = refused(done, 5, "json-malformed")
    assert "evidence/broken.json" in said
    assert done.out
    assert "error[" not in done.out


def test_a_file_that_cannot_be_read_exits_5_and_the_rest_is_still_judged(small: Small) -> None:
    small.write("evidence/broken.json", "{")
    done = small.check("--format", "json")
    assert done.code == 5
    assert done.value["gate"]["verdict"] == "error"
    assert outcomes(done.value) == {"quality.floor/floor-is-held": "pass"}
    (problem,) = done.value["problems"]
    assert set(problem) == {"file", "code", "where", "message", "hint"}
    assert all(problem.values())


def test_an_empty_folder_of_policies_is_nothing_judged_and_exits_4(small: Small) -> None:
    (small.folder / "none").mkdir()
    done = assay("check", "evidence", "--policies", "none", inside=small.folder)
    assert "none: the folder holds no policy" in refused(done, 4, "folder-empty")
    assert done.out == ""


def test_a_pattern_that_matches_no_policy_is_nothing_judged_and_exits_4(small: Small) -> None:
    done = small.check("--policy", "fairness.*")
    assert "'fairness.*'" in refused(done, 4, "policy-unmatched")
    done = small.check("--policy", "quality.*", "--policy", "fairness.*")
    refused(done, 4, "policy-unmatched")


def test_a_broken_policy_is_told_before_a_pattern_that_matches_nothing(small: Small) -> None:
    small.write("policies/quality/other.yaml", "policy: quality.other\n")
    refused(small.check("--policy", "fairness.*"), 5, "policy-unmatched")


def test_a_policy_that_applies_to_nothing_here_exits_4(small: Small) -> None:
    path = small.folder / "policies/quality/floor.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + 'applies_when: system.risk_tier == "minimal"\n', encoding="utf-8")
    done = small.check("--format", "json")
    assert done.code == 4
    assert outcomes(done.value) == {"quality.floor/floor-is-held": "not_applicable"}


def test_findings_below_the_threshold_are_counted_and_do_not_decide(small: Small) -> None:
    small.write("evidence/metrics.json", a_document(0.5))
    assert small.check().code == 1
    done = small.check("--fail-on", "critical", "--format", "json")
    assert done.code == 4
    assert done.value["gate"]["below"]["fail"] == 1


@pytest.mark.parametrize(
    "words",
    [
        ["--fail-on", "severe"],
        ["--format", "yaml"],
        ["--assurance", "verified"],
        ["--assurance", "signed"],
        ["--no-such-option"],
        ["--as-of"],
        ["--as-of", "yesterday"],
        ["--as-of", "2026-11-20T00:00:00"],
        ["--release", "9"],
        ["--system", "nowhere.yaml"],
        ["--system", "evidence"],
        ["--scope", "nowhere.yaml"],
        ["--overlay", "nowhere.yaml"],
        ["--waivers", "nowhere.yaml"],
        ["--trust", "nowhere.yaml"],
        ["--policies", "nowhere"],
        ["--pack", "model.bin/pack.pdf", "--policy", "quality.*"],
    ],
)
def test_misuse_exits_2_and_says_what_to_do(words: list[str], small: Small) -> None:
    done = small.check(*words)
    assert done.code == 2, done.streams
    assert "rror" in done.err
    assert "Traceback" not in done.streams


def test_a_system_file_of_several_releases_asks_which(example: Path) -> None:
    done = assay("check", "--system", example / "system.yaml")
    assert f"Name one with --release: 0.9.0-baseline, {SOUND}, {FLAWED}." in refused(
        done, 2, "release-not-named"
    )


def test_a_caller_cannot_assert_what_only_a_signature_proves(small: Small) -> None:
    policy = small.folder / "policies/quality/floor.yaml"
    text = policy.read_text(encoding="utf-8")
    policy.write_text(text.replace("90d", "90d\n    assurance: signed"), encoding="utf-8")
    assert small.check("--assurance", "ci").code == 3
    assert small.check("--assurance", "signed").code == 2


def test_every_form_repeats_that_the_subject_is_asserted(small: Small) -> None:
    assert small.check("--format", "json").value["assessment"]["asserted"] is True
    for style in ("table", "markdown"):
        assert "sserted" in small.check("--format", style).out


def test_what_was_met_and_is_no_evidence_is_listed_and_not_judged(small: Small) -> None:
    small.write("evidence/notes.txt", "hello")
    done = small.check("--format", "json")
    assert done.code == 0
    (unused,) = done.value["unused"]
    assert unused["name"].endswith("notes.txt")
    assert unused["why"]


def test_an_empty_folder_is_told_to_hold_no_document(small: Small) -> None:
    (small.folder / "empty").mkdir()
    done = small.check(evidence=("empty",))
    assert done.code == 4
    assert "No document was found where the evidence should be." in " ".join(done.out.split())
    head, formats = done.err.splitlines()
    assert "assay policy show quality.floor --policies policies says more" in head
    assert formats.startswith("  quality.floor: ")
    assert {"mlflow", "fairlearn", "assaybook"} <= set(formats[17:].split(", "))


def test_a_folder_of_files_of_which_none_is_evidence_is_told_so(small: Small) -> None:
    small.write("notes/notes.txt", "hello")
    done = small.check(evidence=("notes",))
    assert done.code == 4
    assert "No file was recognised as evidence" in " ".join(done.out.split())


def test_defaults_alone_date_every_report_of_a_folder(small: Small) -> None:
    small.write("evidence/metrics.json", a_document(produced_at=None))
    assert small.check().code == 3
    small.write("evidence/evidence.yaml", "defaults: {produced_at: '2026-11-12T10:00:00Z'}\n")
    assert small.check().code == 0


def test_a_manifest_that_is_named_among_its_files_speaks_for_them(small: Small) -> None:
    small.write("evidence/evidence.yaml", "files: [{path: leaks.json, as: gitleaks}]\n")
    small.write("evidence/leaks.json", "[]")
    names = ("leaks.json", "evidence.yaml", "metrics.json")
    done = small.check("--format", "json", evidence=tuple(f"evidence/{one}" for one in names))
    assert (done.code, done.value["problems"]) == (0, [])


def test_a_broken_manifest_is_to_be_mended_first(small: Small) -> None:
    small.write("evidence/evidence.yaml", "fils: []\n")
    done = small.check()
    assert done.code == 5
    assert "evidence.yaml was not read, and nothing that it says counts: mend it first." in done.err


def test_a_fault_of_ours_is_no_verdict_and_shows_no_traceback(tmp_path: Path) -> None:
    script = (
        "import sys; from assaybook.cli import main; from assaybook.service import doctor\n"
        "doctor.examine = lambda *_what: {}['gone']\n"
        "sys.argv = ['assay', 'doctor']; main.run()"
    )
    done = assay_process(inside=tmp_path, python=("-c", script))
    said = refused(done, 5, "defect")
    assert "KeyError: 'gone'" in said
    assert "Please report it." in said


HEAVY: Final = {
    *("alembic", "fastapi", "jinja2", "lark", "numpy", "pandas", "rich", "sqlalchemy"),
    *("sqlmodel", "weasyprint"),
}


def test_a_gate_that_writes_json_waits_for_no_library_that_it_does_not_use(small: Small) -> None:
    words = ("check", "evidence", "--policies", "policies", "--as-of", AS_OF, "--format", "json")
    timed = ("-X", "importtime", "-m", "assaybook")
    done = assay_process(*words, inside=small.folder, python=timed)
    assert done.code == 0, done.err[-2000:]
    loaded = set(re.findall(r"^import time: .*\| +(\w+)", done.err, re.MULTILINE))
    assert "pydantic" in loaded
    assert loaded & HEAVY == set()


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("check", ""), id="evidence"),
        pytest.param(("check", "evidence", ""), id="more evidence"),
        pytest.param(("check", "evidence", "--policies", ""), id="policies"),
        pytest.param(("check", "evidence", "--baseline="), id="a baseline"),
        pytest.param(
            ("check", "evidence", "--overlay", "o.yaml", "--overlay", ""), id="an overlay"
        ),
        pytest.param(("submit", "", "--system", "triage", "--release", "1"), id="a submission"),
    ],
)
def test_a_variable_that_is_not_set_never_stands_for_the_working_folder(
    words: tuple[str, ...], small: Small
) -> None:
    done = assay(*words, inside=small.folder)
    assert (done.code, done.out) == (2, "")
    assert "is a variable not set?" in done.err


def test_the_manifest_may_be_named_or_found(example: Path, sound: Done) -> None:
    manifest = example / "releases" / SOUND / "evidence" / "evidence.yaml"
    named = checked(example, SOUND, "--manifest", manifest, "--format", "json")
    assert named.value["assessment"] == sound.value["assessment"]
