"""The reports of a pipeline: several from one run, as expected for the example."""

import json
import re
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import pytest

from support.commands import assay, refused
from support.example import FLAWED, SOUND, options_of
from support.golden import Golden
from support.sarif import faults
from support.small import AS_OF, Small

FORMS: Final = {"junit": "xml", "sarif": "sarif", "markdown": "md", "github": "txt"}
_DIGEST: Final = re.compile(r"(sha256:|ev-)[0-9a-f]{64}")


def _written(example: Path, release: str, folder: Path) -> dict[str, str]:
    """Judge a release once and return its reports; digests vary with any policy and adapter."""
    outputs = [
        part
        for form, suffix in FORMS.items()
        for part in ("--output", f"{form}={folder / 'reports' / f'{form}.{suffix}'}")
    ]
    evidence = f"releases/{release}/evidence"
    assay("check", evidence, *options_of(Path(), release), *outputs, inside=example)
    return {
        form: _DIGEST.sub(
            r"\1-", (folder / "reports" / f"{form}.{suffix}").read_text(encoding="utf-8")
        )
        for form, suffix in FORMS.items()
    }


@pytest.mark.golden
@pytest.mark.parametrize("release", [SOUND, FLAWED])
def test_the_reports_of_the_example_are_as_expected(
    release: str, example: Path, tmp_path: Path, golden: Golden
) -> None:
    for form, text in _written(example, release, tmp_path).items():
        golden(f"reports/{release}.{FORMS[form]}", text)


def test_the_reports_of_one_run_agree_with_its_exit_code(example: Path, tmp_path: Path) -> None:
    reports = _written(example, FLAWED, tmp_path)
    log = json.loads(reports["sarif"])
    assert faults(log) == []
    assert log["runs"][0]["invocations"][0]["exitCode"] == 1
    suites = ET.fromstring(reports["junit"])  # noqa: S314 - our own
    assert int(suites.get("failures") or 0) > 1
    assert reports["github"].startswith("::error title=Assaybook%3A fail::FAIL (exit 1)")
    assert reports["markdown"].startswith("## ✗ FAIL")


def test_stdout_keeps_the_chosen_form_and_the_files_theirs(small: Small, tmp_path: Path) -> None:
    done = small.check("--format", "json", "--output", f"csv={tmp_path / 'a' / 'b.csv'}")
    assert done.value["gate"]["exit"] == done.code
    assert (tmp_path / "a" / "b.csv").read_text(encoding="utf-8").startswith('"policy",')


@pytest.mark.parametrize("word", ["junit", "junit=", "pdf=x.pdf", "=x"])
def test_an_output_that_names_no_form_or_no_file_is_misuse(word: str, small: Small) -> None:
    done = small.check("--output", word)
    assert done.code == 2
    assert "FORMAT=FILE" in done.err


def test_a_report_to_stdout_is_asked_for_by_its_format_and_makes_no_file(small: Small) -> None:
    done = small.check("--output", "junit=-")
    assert (done.code, "for stdout write --format junit" in done.err) == (2, True)
    assert not (small.folder / "-").exists()


def test_a_file_that_cannot_be_written_is_refused_before_anything_is_judged(
    small: Small, tmp_path: Path
) -> None:
    (tmp_path / "taken").mkdir()
    done = small.check("--output", f"junit={tmp_path / 'taken'}")
    refused(done, 2, "file-unwritable")
    assert done.out == ""


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("--output", "json=system.yaml"), id="the system"),
        pytest.param(("--output", "sarif=evidence/../overlay.yaml"), id="an overlay"),
        pytest.param(("--output", "csv=evidence/evidence.yaml"), id="the manifest"),
        pytest.param(("--pack", "system.yaml"), id="a pack"),
    ],
)
def test_a_report_never_stands_in_the_place_of_what_is_read(
    words: tuple[str, ...], small: Small
) -> None:
    small.write("overlay.yaml", "overlay: x\nset: []\n")
    small.write("evidence/evidence.yaml", "defaults: {}\n")
    before = {one: one.read_bytes() for one in small.folder.rglob("*") if one.is_file()}
    done = small.check("--overlay", "overlay.yaml", *words)
    assert (done.code, "would write over it" in done.err) == (2, True)
    assert {one: one.read_bytes() for one in small.folder.rglob("*") if one.is_file()} == before


def test_a_signed_answer_never_takes_the_place_of_the_key_that_signs_it(small: Small) -> None:
    key = small.write("ann.pem", "a private key")
    about = ("--system", "system.yaml", "--release", "1", "--person", "ann")
    done = assay("attest", "p.q/r", *about, "--key", key, "-o", "ann.pem", inside=small.folder)
    assert (done.code, "would write over it" in done.err) == (2, True)
    assert (small.folder / "ann.pem").read_text(encoding="utf-8") == "a private key"


def test_a_name_of_a_file_commands_no_runner(small: Small) -> None:
    odd = small.folder / "evidence" / "a\n::error::owned ##[add-mask]x.json"
    odd.write_text("{", encoding="utf-8")
    for form in (*FORMS, "table", "csv", "json"):
        done = small.check("--format", form)
        assert done.code == 5
        assert "\n::error::owned" not in done.streams
        assert "##[" not in done.streams


def test_the_instant_is_that_of_the_check_and_not_of_the_run(small: Small) -> None:
    first = small.check("--format", "junit", "--as-of", AS_OF)
    assert first.out == small.check("--format", "junit", "--as-of", AS_OF).out


def test_a_run_that_cannot_judge_leaves_no_report_of_an_earlier_one(
    small: Small, tmp_path: Path
) -> None:
    report, device = tmp_path / "assay.xml", tmp_path / "elsewhere.xml"
    device.symlink_to("/dev/null")
    small.check("--output", f"junit={report}")
    assert report.is_file()
    (small.folder / "broken").mkdir()
    (small.folder / "broken" / "x.yaml").write_text("policy: [", encoding="utf-8")
    wanted = ("--output", f"junit={report}", "--output", f"sarif={device}")
    done = small.check("--policies", str(small.folder / "broken"), *wanted)
    assert done.code == 5
    assert not report.exists()
    assert device.is_symlink()


def test_a_log_names_files_from_the_working_folder_however_they_were_named(small: Small) -> None:
    done = assay(
        "check",
        str(small.folder.resolve() / "evidence"),
        *("--system", "system.yaml", "--policies", "policies", "--format", "sarif"),
        inside=small.folder.resolve(),
    )
    places = re.findall(r'"uri": "([^"]+)"', done.out)
    assert [one for one in places if one.startswith("evidence/")]
    assert not [one for one in places if "tmp" in one]
