"""``import assaybook``: the gate of a pipeline as objects, which judges as ``assay check`` does."""

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Final, assert_type

import pytest

import assaybook
from assaybook.domain.finding import GateVerdict
from assaybook.service.bundles import BundleFiles, read_ruling
from support.small import AS_OF, SYSTEM, Small, a_document, a_small_system

if TYPE_CHECKING:
    from pandas import DataFrame

_LOADED: Final = """\
import sys, typing
before = set(sys.modules)
import assaybook
print(*sorted(set(sys.modules) - before))
"""


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return a_small_system(tmp_path_factory.mktemp("sound") / "small")


@pytest.fixture
def here(sound: Small, monkeypatch: pytest.MonkeyPatch) -> Small:
    """Return the small system, in whose folder the notebook runs; nobody writes in it."""
    monkeypatch.chdir(sound.folder)
    return sound


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Small:
    """Return a small system of this test's own, in whose folder the notebook runs."""
    monkeypatch.chdir(tmp_path)
    return a_small_system(tmp_path)


def _read(*paths: str, as_of: str = AS_OF) -> assaybook.EvidenceSet:
    return assaybook.read_evidence(paths, system="system.yaml", as_of=as_of)


def _assessed(*paths: str) -> assaybook.Result:
    return assaybook.assess(assaybook.load_bundle("policies"), _read(*paths), as_of=AS_OF)


def test_importing_the_package_loads_nothing_but_itself() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-c", _LOADED], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["assaybook"]


@pytest.mark.usefixtures("here")
def test_the_three_functions_judge_a_release_and_everything_is_typed() -> None:
    bundle = assaybook.load_bundle("policies/")
    evidence = assaybook.read_evidence(
        "evidence/", system="system.yaml", release="1", assurance="ci", as_of=AS_OF
    )
    result = assaybook.assess(
        bundle, evidence, system="system.yaml", release="1", as_of=AS_OF, fail_on="low"
    )
    assert_type(bundle, assaybook.LoadedBundle)
    assert_type(evidence, assaybook.EvidenceSet)
    assert_type(result, assaybook.Result)
    assert_type(result.findings, tuple[assaybook.Finding, ...])
    assert_type(result.standings, tuple[assaybook.ControlStanding, ...])
    assert_type(result.gate, assaybook.Gate)
    assert_type(result.gate.verdict, GateVerdict)
    assert_type(result.gate.exit, int)
    assert (result.gate.verdict, result.gate.exit) == ("pass", 0)
    assert [one.id for one in bundle.policies] == ["quality.floor"]
    assert [fact.type for fact in evidence.facts] == ["metric"]
    assert result.findings[0].outcome == "pass"
    assert {one.standing.value for one in result.standings} == {"met", "not_covered"}
    assert [one.words.value for one in result.conclusion] == ["not determined"]
    assert (evidence.problems, evidence.unrecognised, result.unused, result.problems) == ((),) * 4


@pytest.mark.usefixtures("here")
def test_what_is_shown_in_a_notebook_is_one_line() -> None:
    bundle, evidence = assaybook.load_bundle("policies"), _read("evidence")
    result = assaybook.assess(bundle, evidence, as_of=AS_OF)
    assert repr(bundle) == "<LoadedBundle: 1 policy>"
    assert repr(evidence) == "<EvidenceSet: 1 document, 0 problems>"
    assert repr(result) == "<Result: pass, exit 0, 1 finding>"
    assert re.fullmatch("sha256:[0-9a-f]{64}", bundle.digest)
    assert re.fullmatch("sha256:[0-9a-f]{64}", result.digest)


@pytest.mark.parametrize("value", [pytest.param(0.9, id="pass"), pytest.param(0.4, id="fail")])
def test_the_json_is_that_of_the_command_byte_for_byte(value: float, mine: Small) -> None:
    mine.write("evidence/metrics.json", a_document(value, tool={"name": "##[error]"}))
    mine.write("evidence/broken.json", "{")
    mine.write("evidence/notes.txt", "hello")
    done = mine.check(
        *("--waivers", "waivers.yaml", "--trust", "trust.yaml", "--scope", "scope.yaml"),
        *("--overlay", "overlay.yaml", "--assurance", "ci", "--format", "json"),
    )
    bundle = assaybook.load_bundle("policies", overlays="overlay.yaml", scope="scope.yaml")
    evidence = assaybook.read_evidence(
        "evidence", system="system.yaml", assurance="ci", as_of=AS_OF
    )
    result = assaybook.assess(
        bundle, evidence, as_of=AS_OF, waivers="waivers.yaml", trust="trust.yaml"
    )
    assert result.to_json() == done.out
    assert (result.gate.exit, result.gate.verdict) == (done.code, "error") == (5, "error")
    assert repr(evidence) == "<EvidenceSet: 1 document, 1 problem>"


def test_the_shipped_library_is_what_judges_where_no_folder_is_named() -> None:
    shipped = read_ruling(BundleFiles()).bundle
    assert assaybook.load_bundle().digest == shipped.digest
    (one,) = assaybook.load_bundle(globs=["security.s*"]).policies
    assert one.id == "security.secrets"


@pytest.mark.usefixtures("here")
def test_a_baseline_is_taken_as_the_command_takes_it(tmp_path: Path) -> None:
    (tmp_path / "baseline.yaml").write_text(SYSTEM, encoding="utf-8")
    with pytest.raises(assaybook.AssayError) as caught:
        assaybook.assess(
            assaybook.load_bundle("policies"), _read(), baseline=tmp_path / "baseline.yaml"
        )
    assert caught.value.where.startswith(str(tmp_path / "baseline.yaml"))


@pytest.mark.usefixtures("here")
def test_nothing_read_is_nothing_and_never_a_pass(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for paths in ((), (str(tmp_path / "empty"),)):
        gate = _assessed(*paths).gate
        assert (gate.verdict, gate.exit) == ("nothing", 4)


@pytest.mark.usefixtures("here")
def test_a_folder_that_is_not_there_is_an_error_and_not_an_empty_one(tmp_path: Path) -> None:
    result = _assessed(str(tmp_path / "evidenec"))
    assert (result.gate.verdict, result.gate.exit) == ("error", 5)
    assert [one.code for one in result.problems] == ["file-unreadable"]


@pytest.mark.usefixtures("here")
def test_a_result_and_its_gate_are_no_conditions() -> None:
    result = _assessed()
    for asked in (result, result.gate):
        with pytest.raises(assaybook.AssayError) as caught:
            bool(asked)
        assert caught.value.code.endswith("-is-no-condition")
        assert "verdict" in caught.value.hint


@pytest.mark.usefixtures("here")
def test_findings_and_standings_are_data_frames() -> None:
    result = _assessed("evidence")
    findings: DataFrame = result.findings_table()
    assert list(findings["outcome"]) == ["pass"]
    standings: DataFrame = result.standings_table()
    assert len(standings) == len(result.standings)
    assert standings["pass"].sum() == sum(one.counts.pass_ for one in result.standings) > 0
    assert set(standings["standing"]) == {"met", "not_covered"}


@pytest.mark.usefixtures("here")
def test_the_facts_of_a_type_are_a_data_frame_with_their_file_and_place() -> None:
    evidence = _read("evidence")
    metrics: DataFrame = evidence.facts_table("metric")
    (row,) = metrics.to_dict("records")
    assert (row["name"], row["value"], row["n"]) == ("roc_auc", 0.9, 200)
    assert (row["file"], row["pointer"]) == ("evidence/metrics.json", "/facts/0")
    drift: DataFrame = evidence.facts_table("drift")
    assert (len(drift), "statistic" in drift.columns) == (0, True)


@pytest.mark.usefixtures("here")
def test_an_instant_is_given_as_text_or_time_and_always_with_its_zone() -> None:
    bundle, evidence = assaybook.load_bundle("policies"), _read("evidence")
    there = datetime(2026, 11, 20, 2, tzinfo=timezone(timedelta(hours=2)))
    one, other = (assaybook.assess(bundle, evidence, as_of=at) for at in (AS_OF, there))
    assert one.to_json() == other.to_json()
    with pytest.raises(assaybook.AssayError) as caught:
        assaybook.assess(bundle, evidence, as_of="2026-11-20")
    assert (caught.value.code, caught.value.where) == ("instant-invalid", "as_of")


@pytest.mark.usefixtures("here")
def test_the_same_files_are_judged_anew_as_of_another_instant() -> None:
    bundle, evidence = assaybook.load_bundle("policies"), _read("evidence")
    later = assaybook.assess(bundle, evidence, as_of="2027-11-20T00:00:00Z")
    assert {one.code for one in later.findings[0].reasons} == {"stale"}
    before = assaybook.assess(bundle, evidence, as_of="2026-11-01T00:00:00Z")
    assert [one.code for one in before.problems] == ["evidence-from-the-future"]
    assert before.gate.verdict == "error"
    assert assaybook.assess(bundle, evidence, as_of=AS_OF).gate.verdict == "pass"


@pytest.mark.usefixtures("here")
def test_without_an_instant_it_is_judged_as_of_now() -> None:
    before = datetime.now(UTC)
    result = assaybook.assess(assaybook.load_bundle("policies"), _read())
    assert before <= result.judgement.assessment.assessment.as_of <= datetime.now(UTC)


def test_a_document_that_names_no_release_is_about_the_one_it_was_read_for(mine: Small) -> None:
    mine.write("evidence/metrics.json", a_document(subject={}))
    bundle = assaybook.load_bundle("policies")
    assert assaybook.assess(bundle, _read("evidence"), as_of=AS_OF).gate.verdict == "pass"
    for release in (None, "0"):
        evidence = assaybook.read_evidence("evidence", release=release, as_of=AS_OF)
        result = assaybook.assess(bundle, evidence, as_of=AS_OF)
        assert result.gate.verdict == "inconclusive"
        assert [one.code for one in result.findings[0].reasons] == ["wrong_subject"]


def _no_folder() -> object:
    return assaybook.load_bundle([])


def _no_policy() -> object:
    return assaybook.load_bundle("evidence")


def _no_release() -> object:
    return assaybook.read_evidence("evidence", system="system.yaml", release="9")


def _no_system() -> object:
    return assaybook.assess(assaybook.load_bundle("policies"), _read(), system="sistem.yaml")


def _no_format() -> object:
    return assaybook.read_evidence("evidence/metrics.json", declared_format="mlflov")


def _no_assurance() -> object:
    return assaybook.read_evidence("evidence", assurance="verified")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def _no_facts() -> object:
    return _read("evidence").facts_table("metrics")


def _no_severity() -> object:
    bundle = assaybook.load_bundle("policies")
    return assaybook.assess(bundle, _read(), fail_on="High")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def _a_folder() -> object:
    return assaybook.assess(assaybook.load_bundle("policies"), "evidence")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def _no_bundle() -> object:
    return assaybook.assess("policies", _read())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("asked", "code", "where"),
    [
        pytest.param(_no_folder, "folder-not-named", "", id="no folder of policies"),
        pytest.param(_no_policy, "folder-empty", "evidence", id="a folder without policies"),
        pytest.param(_no_release, "release-unknown", "system.yaml", id="an unknown release"),
        pytest.param(_no_system, "file-missing", "sistem.yaml", id="a missing system file"),
        pytest.param(_no_format, "format-unknown", "declared_format", id="an unknown format"),
        pytest.param(_no_assurance, "argument-invalid", "assurance", id="proof by assertion"),
        pytest.param(_no_facts, "argument-invalid", "kind", id="an unknown type of facts"),
        pytest.param(lambda: _read(""), "argument-invalid", "", id="an empty text for a folder"),
        pytest.param(_a_folder, "argument-invalid", "evidence", id="a folder in place of evidence"),
        pytest.param(_no_bundle, "argument-invalid", "bundle", id="a folder in place of a bundle"),
        pytest.param(_no_severity, "argument-invalid", "fail_on", id="an unknown severity"),
    ],
)
def test_what_cannot_be_is_refused_with_code_place_and_remedy(
    asked: Callable[[], object], code: str, where: str
) -> None:
    with pytest.raises(assaybook.AssayError) as caught:
        asked()
    assert (caught.value.code, caught.value.where) == (code, where)
    assert caught.value.message
    assert caught.value.hint


@pytest.mark.usefixtures("here")
def test_a_mistyped_word_is_told_the_one_that_was_meant() -> None:
    with pytest.raises(assaybook.AssayError) as caught:
        _no_facts()
    assert caught.value.hint == "Did you mean metric?"


def test_every_public_name_is_there_and_no_other() -> None:
    assert set(assaybook.__all__) <= set(dir(assaybook))
    assert all(getattr(assaybook, name) for name in assaybook.__all__)
    with pytest.raises(AttributeError, match="no attribute 'load_bundles'"):
        getattr(assaybook, "load_bundles")  # noqa: B009 - as a person would mistype it


@pytest.mark.usefixtures("here")
def test_nothing_is_printed_and_nothing_written(
    sound: Small, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(sound.folder.rglob("*"))
    _assessed("evidence").to_json()
    assert (sorted(sound.folder.rglob("*")), capsys.readouterr()) == (before, ("", ""))
