"""Names that are cut still tell what they name apart."""

from dataclasses import replace

import pytest

from assaybook.domain.finding import Outcome, RowFinding
from assaybook.reporting.charting import charts_of
from assaybook.reporting.charts import measured
from assaybook.reporting.html import render_html
from assaybook.reporting.labels import behind_a_word, middle, told_apart
from assaybook.reporting.pack import build_pack
from support import pack_findings, packs

LONG = "the-data-set-of-the-north-eastern-regional-hospital-federation"


def test_a_name_that_fits_stays_whole() -> None:
    assert middle("age · train", 36) == "age · train"
    assert told_apart(["age · train", "age · holdout"], 36) == ("age · train", "age · holdout")


def test_a_name_is_cut_in_its_middle_and_keeps_both_ends() -> None:
    cut = middle(f"{LONG}/4711", 20)
    assert len(cut) <= 20
    assert cut.startswith("the-data-")
    assert cut.endswith("/4711")


def test_the_longest_part_of_a_name_is_cut_first() -> None:
    (name,) = told_apart(["label-follows-progression · label · holdout"], 36)
    assert name.startswith("label-fol")
    assert name.endswith("ression · label · holdout")


@pytest.mark.parametrize(
    "names",
    [
        pytest.param([f"{LONG}-{n}" for n in range(4)], id="they end unlike"),
        pytest.param([f"{n}{LONG}" for n in range(4)], id="they begin unlike"),
        pytest.param([f"{LONG}{n}{LONG}" for n in range(4)], id="they differ in the middle"),
        pytest.param(
            [f"{LONG}{'x' * n}{LONG}{'x' * (9 - n)}" for n in range(4)], id="they differ in length"
        ),
        pytest.param([f"{LONG} · {LONG} · {n}" for n in range(4)], id="they have parts"),
    ],
)
def test_names_that_differ_never_become_alike(names: list[str]) -> None:
    cut = told_apart(names, 24)
    assert len(set(cut)) == len(names)
    assert all(len(each) <= 24 for each in cut)


def test_prose_is_cut_behind_a_word() -> None:
    said = "The label is a progression score over 100, not an illness."
    assert behind_a_word(said, 40) == "The label is a progression score over…"
    assert behind_a_word("x" * 50, 10) == "x" * 9 + "…"
    assert behind_a_word("  two\nwords ", 40) == "two words"


def test_what_a_split_tells_already_is_left_out_of_a_label() -> None:
    rows = tuple(
        RowFinding(
            key=f"check={check}, column=label, split={split}, path=artifacts/{split}.csv",
            outcome=Outcome.PASS,
            trace=pack_findings.a_limit(0.0, 0.01),
        )
        for check in ("label-follows-progression", "no-missing-value")
        for split in ("holdout", "train")
    )
    (chart,) = charts_of(pack_findings.a_finding("data.checks", rows=rows), {})
    assert [each.label for each in chart.measures] == [
        "label-follows-progression · holdout",
        "label-follows-progression · train",
        "no-missing-value · holdout",
        "no-missing-value · train",
    ]


def test_rows_of_long_names_are_drawn_with_labels_that_differ() -> None:
    rows = tuple(
        RowFinding(
            key=f"column={LONG}-{n}-{LONG}",
            outcome=Outcome.FAIL,
            trace=pack_findings.a_limit(0.3, 0.2),
        )
        for n in range(5)
    )
    (chart,) = charts_of(pack_findings.a_finding("drift.long", outcome=Outcome.FAIL, rows=rows), {})
    drawn = measured(chart)
    shown = {line.partition("<")[0] for line in drawn.split('font-weight="600" fill="#18212b">')}
    assert sum(each.startswith("the-data") for each in shown) == 5


def test_long_names_do_not_run_over_the_cover() -> None:
    source = packs.a_source()
    subject = source.subject
    long = subject.system.model_copy(update={"name": LONG * 4, "purpose": "To do its work. " * 40})
    pack = build_pack(replace(source, subject=subject.model_copy(update={"system": long})))
    assert len(pack.cover.system) <= 110
    assert pack.cover.system.endswith(" 4.2.0")
    assert len(pack.cover.description) <= 240
    assert len(pack.running) <= 90
    assert '<section class="cover dense">' in render_html(pack)
