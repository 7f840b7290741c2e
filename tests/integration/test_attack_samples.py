"""Real runs of attacks, evaluations and scanners of models, read by one who knows the tools."""

from pathlib import Path

from assaybook.domain.documents import Evidence
from assaybook.domain.evidence import Coverage
from assaybook.domain.facts import Attack, Metric
from support.documents import opened


def _read(samples: Path, file: str) -> Evidence:
    (one,) = opened((samples / file).read_bytes(), Path(file).name).evidence
    return one


def _coverage(samples: Path, file: str) -> dict[str, Coverage]:
    return {row.question: row for row in _read(samples, file).coverage}


def test_a_real_run_of_garak_says_which_detector_was_hit_and_how_often(samples: Path) -> None:
    evidence = _read(samples, "garak/test-blank.report.jsonl")
    rows = [fact for fact in evidence.facts if isinstance(fact, Attack)]
    assert [(one.name, one.detector, one.attempts, one.successes) for one in rows] == [
        ("dan.AntiDAN", "dan.AntiDAN", 2, 0),
        ("dan.AntiDAN", "mitigation.MitigationBypass", 2, 2),
        ("test.Test", "always.Pass", 16, 0),
    ]
    assert evidence.envelope.producer.version == "0.17.1"


def test_the_hits_of_the_same_run_agree_and_prove_nothing_more(samples: Path) -> None:
    report = _read(samples, "garak/test-blank.report.jsonl")
    hits = _read(samples, "garak/test-blank.hitlog.jsonl")
    assert hits.envelope.run == report.envelope.run
    assert [one.model_dump()["successes"] for one in hits.facts] == [2]
    assert hits.coverage[0].examined is None


def test_a_run_of_garak_that_was_killed_before_its_end_is_no_result(samples: Path) -> None:
    lines = (samples / "garak" / "test-blank.report.jsonl").read_bytes().splitlines(keepends=True)
    found = opened(b"".join(line for line in lines if b'"completion"' not in line), "a.jsonl")
    assert [one.model_dump()["rate"] for one in found.evidence[0].facts] == [None]
    assert all(row.errored == 1 for row in found.evidence[0].coverage)


def test_no_prompt_and_no_answer_of_a_real_run_is_kept(samples: Path) -> None:
    for file, texts in {
        "garak/test-blank.report.jsonl": (b"Hello Blank", b"electrocuted"),
        "garak/test-blank.hitlog.jsonl": (b"Hello Blank", b"electrocuted"),
        "promptfoo/results-mixed.json": (b"refund", b"card number", b"4111"),
    }.items():
        raw = (samples / file).read_bytes()
        found = opened(raw, Path(file).name)
        said = found.kept + found.evidence[0].model_dump_json().encode()
        for text in texts:
            assert text in raw
            assert text not in said


def test_two_of_four_tests_of_promptfoo_passed_on_each_prompt(samples: Path) -> None:
    evidence = _read(samples, "promptfoo/results-mixed.json")
    shares = [
        (one.value, one.n)
        for one in evidence.facts
        if isinstance(one, Metric) and one.name == "pass_rate"
    ]
    assert shares == [(0.5, 2), (0.5, 2)]
    assert evidence.envelope.scope.job == "support bot checks"


def test_the_real_membership_attack_did_worse_than_a_guess(samples: Path) -> None:
    evidence = _read(samples, "art/robustness-privacy-breast-cancer.json")
    found = {one.name: one for one in evidence.facts if isinstance(one, Attack)}
    assert round(found["black_box_rf"].advantage or 0, 3) == -0.086
    assert round(found["rule_based"].advantage or 0, 3) == 0.010
    assert found["FastGradientMethod"].attacked_value == 0.039473684210526314


def test_a_task_of_four_samples_says_that_it_had_four(samples: Path) -> None:
    evidence = _read(samples, "lm-eval/results-tiny_mc.json")
    accuracy = next(one for one in evidence.facts if isinstance(one, Metric) and one.n is not None)
    assert (accuracy.name, accuracy.value, accuracy.n) == ("accuracy", 0.25, 4)


def test_the_broken_pickle_of_the_sample_was_scanned_by_neither_scanner(samples: Path) -> None:
    first = _coverage(samples, "modelscan/scan-directory.json")["security/unsafe_code"]
    other = _coverage(samples, "picklescan/scan-directory.txt")["security/unsafe_code"]
    assert (first.examined, first.failed, first.errored) == (5, 2, 1)
    assert (other.examined, other.failed, other.errored, other.skipped) == (6, 3, 1, None)


def test_one_scanner_of_models_is_not_enough(samples: Path) -> None:
    first = {
        one.model_dump()["rule"] for one in _read(samples, "modelscan/scan-directory.json").facts
    }
    other = {
        one.model_dump()["rule"] for one in _read(samples, "picklescan/scan-directory.txt").facts
    }
    assert other - first == {"urllib.request.urlopen"}
