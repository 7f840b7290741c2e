"""The examples of policies: three systems, each asked by policies of its own beside the shipped."""

from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.resources import as_file
from pathlib import Path
from typing import Final

import pytest

from assaybook.catalogs.load import load_catalogs
from assaybook.domain.finding import Outcome, Standing
from assaybook.service.bundles import BundleFiles, Ruling, read_ruling, references
from assaybook.service.check import CheckRequest, check_files
from assaybook.service.judge import Judgement
from assaybook.service.prove_cases import mutated
from assaybook.service.run_cases import read_suites, run_suites
from assaybook.shelf import shelf
from support.commands import assay

AS_OF: Final = datetime(2026, 11, 20, tzinfo=UTC)
RELEASES: Final = {"credit-scoring": "5", "imaging": "2.1", "assistant": "2026.11"}
EXAMPLES: Final = [pytest.param(name, id=name) for name in RELEASES]
SIGNED: Final = {"credit.fundamental-rights": {"Art. 27"}}
"""Policies of the examples that implement a control, and which."""


OWN: Final = {"assistant", "credit", "imaging"}
"""Themes of the policies of the examples."""


def _bundle(example: Path) -> BundleFiles:
    with as_file(shelf("policies")) as shipped:
        return BundleFiles(
            policies=(shipped, example / "policies"),
            overlays=(example / "overlay.yaml",),
            scope=example / "scope.yaml",
        )


@pytest.fixture(scope="module")
def folders() -> Mapping[str, Path]:
    with as_file(shelf("examples")) as examples:
        return {name: examples / name for name in RELEASES}


def _ruling(folder: Path) -> Ruling:
    return read_ruling(_bundle(folder))


@pytest.mark.parametrize("name", EXAMPLES)
def test_lint_has_nothing_to_say_of_an_example(name: str, folders: Mapping[str, Path]) -> None:
    files = [folders[name] / f"{one}.yaml" for one in ("overlay", "scope", "system")]
    with as_file(shelf("policies")) as shipped:
        done = assay("policy", "lint", shipped, folders[name] / "policies", *files)
    assert done.code == 0
    assert "0 problems, 0 warnings" in done.err


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_case_of_an_example_holds_and_every_rule_has_all_three(
    name: str, folders: Mapping[str, Path]
) -> None:
    results = run_suites(read_suites((str(folders[name] / "policies"),)))
    assert len(results) >= 3
    differing = [
        (one.policy, case.case, each.rule, each.expected, each.actual)
        for one in results
        for case in one.cases
        for each in case.differences
    ]
    assert differing == []
    assert {one.policy: one.lacking for one in results if one.lacking} == {}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_cases_of_an_example_notice_every_small_fault(
    name: str, folders: Mapping[str, Path]
) -> None:
    known = references(load_catalogs())
    for suite in read_suites((str(folders[name] / "policies"),)):
        assert mutated(suite, known).survivors == ()


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_relaxes_nothing_and_claims_a_whole_control_only_by_a_signature(
    name: str, folders: Mapping[str, Path]
) -> None:
    bundle = _ruling(folders[name]).bundle
    assert [one for overlay in bundle.overlays for one in overlay.sets if one.allow_relax] == []
    shipped = {one.id for one in read_ruling(BundleFiles()).bundle.policies}
    own = [one for one in bundle.policies if one.id not in shipped]
    whole = {
        one.id: {link.control for link in one.controls if link.relation == "implements"}
        for one in own
    }
    assert {key: found for key, found in whole.items() if found} == {
        key: found for key, found in SIGNED.items() if key in whole
    }
    assert all(rule.attested for one in own if whole[one.id] for rule in one.rules)


def _judged(folder: Path, release: str, empty: Path) -> Judgement:
    return check_files(
        CheckRequest(
            evidence=(empty,),
            bundle=_bundle(folder),
            system=folder / "system.yaml",
            release=release,
            as_of=AS_OF,
        )
    )


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_without_evidence_proves_nothing_and_leaves_nothing_out_in_silence(
    name: str, folders: Mapping[str, Path], tmp_path: Path
) -> None:
    judged = _judged(folders[name], RELEASES[name], tmp_path).assessment
    outcomes = {one.outcome for one in judged.findings}
    assert outcomes <= {Outcome.INCONCLUSIVE, Outcome.NOT_APPLICABLE}
    assert {one.standing for one in judged.standings} <= {
        Standing.NOT_DETERMINED,
        Standing.NOT_COVERED,
        Standing.NOT_APPLICABLE,
    }
    own = {one.policy for one in judged.findings if one.policy.partition(".")[0] in OWN}
    asked = {one.policy for one in judged.findings if one.outcome is Outcome.INCONCLUSIVE}
    assert own
    assert own <= asked
    assert "approval.two-persons" in asked
