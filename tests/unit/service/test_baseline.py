"""Baseline files: written from an assessment, signed by another person, judged with."""

from pathlib import Path

import pytest

from assaybook.domain.errors import AssayError
from assaybook.domain.finding import Assessment
from assaybook.domain.statements import APPROVER
from assaybook.domain.trust import Trust, TrustedKey
from assaybook.ledger.keys import new_key, public_bytes
from assaybook.service.baseline import Wanted, read_baseline, write_baseline
from assaybook.service.waivers import approve_waiver
from support.assessing import a_policy, a_waiver, assessed, at
from support.evidence import a_document, a_metric
from support.rules import a_rule

KEY = new_key()
TRUST = Trust(
    keys=(TrustedKey(person="mara", name="Mara", roles=(APPROVER,), key=public_bytes(KEY)),)
)
WANTED = Wanted(None, "ada", "It was there before.", at(10))
BAD = a_document(a_metric(value=0.5))


def _refusal(judged: Assessment, path: Path, wanted: Wanted = WANTED) -> str:
    with pytest.raises(AssayError) as caught:
        write_baseline(path, judged, wanted)
    return caught.value.code


def test_a_baseline_accepts_only_once_another_person_has_signed_it(tmp_path: Path) -> None:
    file = tmp_path / "baseline.yaml"
    written = write_baseline(file, assessed(BAD), WANTED)
    assert (written.baseline.id, written.rows, written.left) == ("s", 1, ())
    unsigned = read_baseline(file, TRUST, system="s")
    assert assessed(BAD, baseline=unsigned).gate.counts.fail == 1
    with pytest.raises(AssayError, match="asked for the waiver"):
        approve_waiver(file, "s", person="Ada", answer="yes", key=KEY, at=at(0))
    approve_waiver(file, "s", person="mara", answer="yes", key=KEY, at=at(0))
    signed = read_baseline(file, TRUST, system="s")
    assert assessed(BAD, baseline=signed).gate.counts.baselined == 1
    file.write_text(file.read_text().replace("2026-11-30", "2036-11-30"))
    assert read_baseline(file, TRUST, system="s").approval is None


def test_a_baseline_is_about_one_system(tmp_path: Path) -> None:
    file = tmp_path / "baseline.yaml"
    write_baseline(file, assessed(BAD), WANTED)
    with pytest.raises(AssayError) as caught:
        read_baseline(file, TRUST, system="t")
    assert caught.value.code == "baseline-elsewhere"


def test_what_cannot_be_accepted_is_not_written(tmp_path: Path) -> None:
    file = tmp_path / "baseline.yaml"
    assert _refusal(assessed(a_document(a_metric())), file) == "baseline-empty"
    assert _refusal(assessed(BAD, waivers=(a_waiver(),)), file) == "baseline-empty"
    strict = a_policy(
        a_rule(id="x", pass_when="size(recall.filter(r, r.value > 0.8)) > 0", needs=("recall",)),
        a_rule(id="each", pass_when="recall.all(r, r.value > 0.8)", needs=("recall",)),
        a_rule(
            id="y",
            pass_when="recall.all(r, r.ci_low > 0.8)",
            needs=("recall",),
            on_unknown="fail",
        ),
    )
    written = write_baseline(file, assessed(BAD, policies=[strict]), WANTED)
    assert ([one.rule for one in written.baseline.fails], written.left) == (
        ["x"],
        ("house.recall/each", "house.recall/y"),
    )
    assert _refusal(assessed(BAD), file) == "file-exists"
    late = Wanted("B 1", "ada", "x", at(-1))
    assert _refusal(assessed(BAD), tmp_path / "other.yaml", late) == "bad-form"
    only_unknown = a_policy(strict.rules[2])
    assert _refusal(assessed(BAD, policies=[only_unknown]), tmp_path / "b.yaml") == "baseline-empty"
    assert [one.name for one in tmp_path.iterdir()] == ["baseline.yaml"]
