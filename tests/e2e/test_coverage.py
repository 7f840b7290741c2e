"""``assay control coverage`` over the example's releases, and over a store."""

from pathlib import Path

from support.commands import Done, assay


def _over(example: Path, *more: object, folder: str = "releases") -> Done:
    return assay(
        *("control", "coverage", "--evidence", example / folder),
        *("--system", example / "system.yaml", "--overlay", example / "overlay.yaml"),
        *("--trust", example / "trust.yaml", "--as-of", "2026-11-20T00:00:00Z", *more),
    )


def test_every_release_of_the_example_tries_every_rule(example: Path) -> None:
    told = _over(example, "--format", "json")
    assert told.code == 0
    tried = told.value["tried"]
    assert len(tried["releases"]) == 3
    rules = {f"{one['policy']}/{one['rule']}": one for one in tried["rules"]}
    assert rules["drift.features/no-feature-has-moved"]["fires"] == 0.5
    assert rules["security.secrets/none-is-found"]["vacuous"] == "it never fires"
    assert told.value["unmet"] == []


def test_a_spreadsheet_has_the_matrix_and_the_talk_names_what_to_look_at(example: Path) -> None:
    named = ("--policy", "quality.*", "--catalog", "nist-ai-rmf-1.0")
    done = _over(example, *named, "--format", "csv")
    assert done.out.startswith("catalog,control,title,state,quality.calibration,quality.floor\n")
    assert "look at quality.floor/floor-is-held: it never fires" in done.err


def test_the_table_lists_the_controls_that_no_rule_bears_on() -> None:
    done = assay("control", "coverage", "--catalog", "nist-ai-rmf-1.0")
    assert "No rule bears on 54 controls of nist-ai-rmf-1.0" in done.out
    assert "GOVERN 1.1" in done.out
    assert "can be met" in done.err
    assert "no policy cites" not in done.err


def test_what_the_scope_leaves_out_and_what_no_policy_cites_is_named(tmp_path: Path) -> None:
    reason = "The organisation is audited by itself."
    lines = (
        *("scope: ours", "frameworks:", "  nist-ai-rmf-1.0:", "    applies: none"),
        *(f"    reason: {reason}", "    controls: [{control: MEASURE 2.3, applies: true}]"),
    )
    (tmp_path / "scope.yaml").write_text("\n".join(lines), encoding="utf-8")
    done = assay("control", "coverage", "--scope", tmp_path / "scope.yaml")
    assert f"leaves out 71 controls of nist-ai-rmf-1.0 ({reason.rstrip('.')})" in done.out
    assert "1 of 1 controls have a rule; 0 can be met, 1 supported at most" in done.err
    cited = "eu-ai-act, iso-42001-2023, nist-ai-600-1"
    assert f"cited by a policy, and not in the scope: {cited}" in done.err
    assert "no policy cites: iso-23894-2023" in done.err


def test_a_release_without_a_folder_is_told_and_not_taken_for_one_without_evidence(
    example: Path,
) -> None:
    done = _over(example, folder="serving")
    assert (done.code, "error[release-without-folder]" in done.err) == (2, True)
    both = _over(example, "--store")
    assert (both.code, "error[option-twice]" in both.err) == (2, True)
