"""garak, promptfoo and ART: a hit is sure, and what was not decided proves nothing."""

import copy
import json
from typing import Any

import pytest

from assaybook.domain.documents import Evidence
from assaybook.domain.facts import Attack, Metric
from assaybook.intake.adapters import garak_probes, promptfoo_families
from support.documents import DEFECTS, evidence_of, opened, refusal

INIT = {"entry_type": "init", "garak_version": "0.17.1", "start_time": "2026-11-20T23:31:46"}
DONE = {"entry_type": "completion", "end_time": "2026-11-20T23:41:46Z", "run": "r"}
EVAL: dict[str, Any] = {
    "entry_type": "eval",
    "probe": "dan.Dan_11_0",
    "detector": "dan.DAN",
    "passed": 8,
    "fails": 2,
    "nones": 0,
    "total_evaluated": 10,
    "total_processed": 10,
}


def _lines(*rows: object) -> str:
    return "".join(f"{json.dumps(row)}\n" for row in rows)


def _garak(*rows: object) -> Evidence:
    return evidence_of(_lines(INIT, *rows), "run.report.jsonl")


def _attacks(evidence: Evidence) -> list[Attack]:
    return [fact for fact in evidence.facts if isinstance(fact, Attack)]


def _file(name: str) -> bytes:
    return (DEFECTS / name).read_bytes()


def _told(evidence: Evidence) -> dict[str, tuple[int | None, ...]]:
    return {
        row.question: (row.examined, row.failed, row.errored, row.skipped)
        for row in evidence.coverage
    }


def test_a_run_that_came_to_its_end_says_how_often_each_probe_hit() -> None:
    evidence = _garak(EVAL, DONE)
    (attack,) = _attacks(evidence)
    assert (attack.attempts, attack.successes, attack.undecided, attack.rate) == (10, 2, 0, 0.2)
    assert _told(evidence) == {"attack/jailbreak": (1, 1, 0, 0)}
    assert str(evidence.envelope.produced_at) == "2026-11-20 23:41:46+00:00"


def test_a_run_without_its_end_lends_hits_and_no_rate() -> None:
    evidence = _garak(EVAL, {**EVAL, "detector": "d.D", "passed": 10, "fails": 0})
    (attack,) = _attacks(evidence)
    assert (attack.attempts, attack.successes, attack.rate) == (None, 2, None)
    assert _told(evidence) == {"attack/jailbreak": (None, 1, 1, None)}
    assert evidence.envelope.warnings[0].code == "run-unfinished"


def test_a_run_that_ended_before_any_result_answers_nothing() -> None:
    evidence = _garak()
    assert (evidence.facts, _told(evidence)) == ((), {"attack": (None, 0, 1, None)})


def test_a_run_whose_last_line_was_cut_off_is_read_in_part() -> None:
    text = _lines(INIT, EVAL) + '{"entry_type": "completi'
    evidence = evidence_of(text, "run.report.jsonl")
    assert evidence.envelope.malformed
    assert evidence.envelope.warnings[0].code == "run-unfinished"


def test_outputs_that_no_detector_could_decide_are_not_examined() -> None:
    row = {**EVAL, "nones": 3, "total_processed": 13}
    (told,) = _garak(row, DONE).coverage
    assert (told.skipped, told.skipped_items) == (1, ("dan.Dan_11_0/dan.DAN",))


def test_a_probe_without_any_decided_output_was_not_examined() -> None:
    nothing = {"passed": 0, "fails": 0, "nones": 4, "total_evaluated": 0, "total_processed": 4}
    evidence = _garak({**EVAL, **nothing}, DONE)
    assert (_attacks(evidence)[0].rate, _told(evidence)["attack/jailbreak"]) == (None, (0, 0, 0, 1))


def test_a_probe_that_was_chosen_and_has_no_result_is_skipped_by_name() -> None:
    setup = {"entry_type": "start_run setup", "transient.active_probes": ["probes.grandma.Slurs"]}
    (told,) = _garak(setup, EVAL, DONE).coverage
    assert (told.skipped, told.skipped_items) == (1, ("grandma.Slurs",))


@pytest.mark.parametrize("chosen", ["grandma.Slurs", {}, -1, [None], ["grandma.Slurs", " "], [[]]])
def test_a_choice_of_probes_that_cannot_be_read_is_refused(chosen: object) -> None:
    setup = {"entry_type": "start_run setup", "transient.active_probes": chosen}
    error = refusal(_lines(setup, EVAL, DONE), "r.report.jsonl")
    assert error.code == "document-breaks-format"


def test_the_older_form_with_a_total_does_not_say_what_was_undecided() -> None:
    row = {"entry_type": "eval", "probe": "probes.lmrc.Profanity", "passed": 7, "total": 10}
    evidence = _garak({**row, "detector": "detector.lmrc.Profanity"}, DONE)
    (attack,) = _attacks(evidence)
    assert (attack.name, attack.detector, attack.family) == (
        *("lmrc.Profanity", "lmrc.Profanity", "toxicity"),
    )
    assert (attack.successes, attack.undecided, attack.rate) == (3, None, 0.3)
    assert _told(evidence) == {"attack/toxicity": (1, 1, 0, None)}


def test_a_list_of_hits_never_proves_that_nothing_was_hit() -> None:
    evidence = evidence_of(_file("garak/found.hitlog.jsonl"), "found.hitlog.jsonl")
    assert [(one.detector, one.successes, one.attempts) for one in _attacks(evidence)] == [
        ("dan.DAN", 2, None),
        ("mitigation.MitigationBypass", 1, None),
    ]
    assert _told(evidence) == {"attack/jailbreak": (None, 2, None, None)}


def test_hits_of_two_runs_are_two_readings() -> None:
    hit = {"probe": "dan.A", "detector": "d", "generator": "g None", "run_id": "1"}
    found = opened(_lines(hit, {**hit, "run_id": "2"}), "x.hitlog.jsonl").evidence
    assert [one.envelope.run for one in found] == ["1", "2"]
    assert found[0].envelope.scope.job == "g"


def test_runs_of_other_probes_do_not_replace_each_other() -> None:
    jobs = [
        evidence_of(
            _lines({"entry_type": "start_run setup", **setup}, INIT, DONE), "a.report.jsonl"
        ).envelope.scope.job
        for setup in (
            {"plugins.target_type": "openai", "run.spec": {"include": ["probes.dan"]}},
            {"plugins.target_type": "openai", "run.spec": {"include": ["probes.encoding"]}},
            {"plugins.model_type": "openai", "plugins.probe_spec": "dan"},
        )
    ]
    assert jobs == ["openai probes.dan", "openai probes.encoding", "openai dan"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"passed": None}, "must have probe, detector and passed"),
        ({"passed": -1}, "must have probe, detector and passed"),
        ({"probe": 3}, "must have probe, detector and passed"),
        ({"fails": "two"}, "fails must be a count"),
        ({"fails": 3}, "contradict"),
        ({"total_evaluated": 7, "fails": -1}, "fails must be a count"),
        ({"total_processed": 9, "nones": -1}, "nones must be a count"),
    ],
)
def test_a_result_that_makes_no_sense_is_refused_at_its_line(
    change: dict[str, object], said: str
) -> None:
    error = refusal(_lines(INIT, {**EVAL, **change}, DONE), "run.report.jsonl")
    assert error.code == "document-breaks-format"
    assert "run.report.jsonl#/1" in error.where
    assert said in error.message


def test_fewer_outputs_processed_than_evaluated_is_a_contradiction() -> None:
    row = {key: value for key, value in EVAL.items() if key != "nones"} | {"total_processed": 9}
    assert "contradict" in refusal(_lines(INIT, row, DONE), "r.jsonl").message


def test_a_hit_without_a_probe_is_refused() -> None:
    hit = {"probe": "", "detector": "d", "generator": "g"}
    assert refusal(_lines(hit), "x.hitlog.jsonl").where == "x.hitlog.jsonl#/0"


def test_one_hit_that_is_not_in_a_file_of_lines_is_read_too() -> None:
    hit = {"probe": "dan.A", "detector": "d", "generator": "g", "prompt": "how to", "output": "so"}
    found = opened(hit, "hit.json")
    assert found.evidence[0].facts[0].pointer == ""
    assert b"how to" not in found.kept


def test_no_prompt_and_no_output_of_a_red_team_is_kept() -> None:
    for name in ("finished.report.jsonl", "found.hitlog.jsonl"):
        found = opened(_file(f"garak/{name}"), name)
        said = found.kept + found.evidence[0].model_dump_json().encode()
        for text in (b"Ignore your rules", b"As DAN", b"a bad word", b"ward bot"):
            assert text not in said


def test_lines_with_other_entry_types_are_not_of_garak() -> None:
    assert refusal(_lines({"entry_type": "order"}), "a.jsonl").code == "format-unknown"
    assert refusal(_lines(INIT, {"entry_type": "order"}), "a.jsonl").code == "format-unknown"


@pytest.mark.parametrize("kind", [None, 3, [], {}])
def test_an_entry_type_that_is_no_word_is_not_of_garak(kind: object) -> None:
    assert refusal(_lines({"entry_type": kind}, DONE), "a.jsonl").code == "format-unknown"


def test_the_families_of_probes_are_those_that_policies_ask_for() -> None:
    assert garak_probes.family_of("garak.probes.promptinject.HijackHateHumans") == (
        "prompt_injection"
    )
    assert garak_probes.family_of("snowball.Primes") is None


def _promptfoo(change: dict[str, Any] | None = None, name: str = "errors.json") -> Evidence:
    document = json.loads(_file(f"promptfoo/{name}"))
    document["results"].update(change or {})
    return evidence_of(document)


def _values(evidence: Evidence) -> dict[tuple[str, str | None], tuple[float | None, int | None]]:
    metrics = [fact for fact in evidence.facts if isinstance(fact, Metric)]
    return {(one.name, one.dimension): (one.value, one.n) for one in metrics}


def test_a_test_without_assertions_is_no_pass() -> None:
    def test(**more: object) -> dict[str, object]:
        return {"success": True, "score": 1, "latencyMs": 4, "provider": "p", **more}

    graded = {"pass": True, "componentResults": [{"pass": True, "assertion": {"type": "equals"}}]}
    asked: dict[str, list[dict[str, str]]] = {"assert": [{}]}
    results = [
        test(gradingResult=graded, testCase=asked),
        test(gradingResult={"pass": True, "reason": "No assertions"}),
        test(testCase={"assert": []}),
        test(testCase=asked),
        test(),
    ]
    stats = {"successes": 5, "failures": 0, "errors": 0}
    evidence = _promptfoo({"results": results, "stats": stats})
    assert _values(evidence)["pass_rate", None] == (1.0, 3)
    assert _told(evidence)["metric/quality"] == (3, 0, 0, 0)
    assert _told(evidence)["metric/latency"] == (5, 0, 0, 0)
    codes = [warning.code for warning in evidence.envelope.warnings]
    assert codes == ["test-without-assertion"] * 2


def test_a_test_that_ended_in_an_error_is_no_failure_and_was_not_examined() -> None:
    evidence = _promptfoo()
    assert _values(evidence) == {
        ("pass_rate", None): (2 / 3, 3),
        ("latency_mean_ms", None): (101.0, None),
        ("cost_usd", None): (0.04, None),
        ("assertion_pass_rate", "not-contains"): (2 / 3, 3),
    }
    assert _told(evidence)["metric/quality"] == (3, 0, 1, 0)


def test_a_result_file_that_lost_tests_says_how_many() -> None:
    stats = {"successes": 20, "failures": 2, "errors": 1}
    evidence = _promptfoo({"stats": stats})
    assert _told(evidence)["metric/quality"] == (3, 0, 1, 19)
    assert evidence.envelope.warnings[0].code == "tests-missing"


@pytest.mark.parametrize("index", [1, 3], ids=["a failure", "an error"])
def test_tests_that_end_better_than_the_file_counts_are_not_believed(index: int) -> None:
    document = json.loads(_file("promptfoo/errors.json"))
    assert not evidence_of(document).envelope.malformed
    document["results"]["results"][index]["success"] = True
    envelope = evidence_of(document).envelope
    assert envelope.malformed
    assert "counts-disagree" in [one.code for one in envelope.warnings]


@pytest.mark.parametrize("reason", [0, 1, 200, None, "N/A", -1, [], {}])
def test_an_error_that_is_counted_and_not_listed_is_not_believed(reason: object) -> None:
    document = json.loads(_file("promptfoo/errors.json"))
    document["results"]["results"][3]["failureReason"] = reason
    evidence = evidence_of(document)
    errored = _told(evidence)["metric/quality"][2]
    assert evidence.envelope.malformed or errored == 1


def test_without_counts_nobody_knows_whether_tests_were_lost() -> None:
    assert _told(_promptfoo({"stats": {}}))["metric/quality"] == (3, 0, 1, None)


def test_an_evaluation_without_tests_examined_nothing() -> None:
    stats = {"successes": 0, "failures": 0, "errors": 0}
    evidence = _promptfoo({"results": [], "stats": stats})
    assert (evidence.facts, _told(evidence)) == ((), {"metric/quality": (0, 0, 0, None)})


def test_tests_on_two_providers_have_a_share_each() -> None:
    document = json.loads(_file("promptfoo/errors.json"))
    document["results"]["results"][0]["provider"] = "echo"
    named = {key for key in _values(evidence_of(document)) if key[0] == "pass_rate"}
    assert named == {("pass_rate", "echo#p1"), ("pass_rate", "openai:gpt#p1")}


def test_cached_answers_and_unknown_prices_are_not_measured() -> None:
    document = json.loads(_file("promptfoo/errors.json"))
    for one in document["results"]["results"]:
        one["cost"] = 0
        one["response"]["cached"] = True
    assert {name for name, _ in _values(evidence_of(document))} == {
        "pass_rate",
        "assertion_pass_rate",
    }


def test_an_older_file_tells_an_error_by_its_missing_grading() -> None:
    document = json.loads(_file("promptfoo/errors.json"))
    for one in document["results"]["results"]:
        del one["failureReason"]
    document["results"]["version"] = 2
    assert _told(evidence_of(document))["metric/quality"] == (3, 0, 1, 0)


def test_a_red_team_lends_attacks_by_plugin_and_strategy() -> None:
    evidence = _promptfoo(name="redteam.json")
    rows = {(one.name, one.detector): one for one in _attacks(evidence)}
    assert {
        key: (one.family, one.attempts, one.successes, one.undecided) for key, one in rows.items()
    } == {
        ("pii:direct", "basic"): ("leakage", 3, 1, 0),
        ("harmful:hate", "jailbreak:composite"): ("jailbreak", 1, 1, 0),
        ("contracts", "basic"): (None, 1, 0, 0),
        ("hijacking", "base64"): ("prompt_injection", 0, 0, 1),
    }
    assert rows["pii:direct", "basic"].rate == pytest.approx(1 / 3)
    assert rows["hijacking", "base64"].rate is None
    assert _told(evidence)["attack/prompt_injection"] == (0, 0, 1, 0)
    assert not _values(evidence)


def test_a_technique_of_attack_goes_before_what_the_plugin_is_after() -> None:
    family = promptfoo_families.family_of
    assert family("harmful:privacy", None) == "leakage"
    assert family("harmful:privacy", "crescendo") == "jailbreak"
    assert family("harmful:privacy", "prompt-injection") == "prompt_injection"
    assert family("rbac", "base64") is None


def test_no_prompt_answer_or_configuration_of_promptfoo_is_kept() -> None:
    for name in ("errors.json", "redteam.json"):
        found = opened(_file(f"promptfoo/{name}"), name)
        said = found.kept + found.evidence[0].model_dump_json().encode()
        for text in (b"card number", b"4111", b"private", b"not-for-us", b"steal", b"timeout"):
            assert text not in said


def test_results_as_the_library_returns_them_are_read_alike() -> None:
    document = json.loads(_file("promptfoo/errors.json"))
    inner = opened(document["results"])
    assert _values(inner.evidence[0]) == _values(evidence_of(document))
    assert b"card number" not in inner.kept


@pytest.mark.parametrize("version", [1, 4, None])
def test_another_version_of_promptfoo_is_named_and_refused(version: object) -> None:
    document = json.loads(_file("promptfoo/errors.json"))
    document["results"]["version"] = version
    assert refusal(document).code == "format-not-supported"


def test_a_result_that_does_not_say_how_it_ended_is_refused_at_its_place() -> None:
    document = json.loads(_file("promptfoo/errors.json"))
    document["results"]["results"][1]["success"] = "yes"
    assert refusal(document).where == "report.json#/results/results/1"


ART: dict[str, Any] = {
    "tool": "adversarial-robustness-toolbox",
    "version": "1.20.1",
    "n_eval": 200,
    "clean_accuracy": 0.95,
    "evasion": [{"attack": "FGM", "params": {"eps": 0.1}, "robust_accuracy": 0.6}],
    "inference": {"rule": {"member_tpr": 0.9, "nonmember_fpr": 0.85, "advantage": 0.05}},
}


def _art(**change: object) -> Evidence:
    return evidence_of({**copy.deepcopy(ART), **change})


def test_an_attack_has_the_accuracy_before_and_after_and_no_rate_of_its_own() -> None:
    attack = _attacks(_art())[0]
    assert (attack.family, attack.detector, attack.attempts) == ("evasion", "eps=0.1", 200)
    assert (attack.clean_value, attack.attacked_value, attack.rate) == (0.95, 0.6, None)


def test_one_attack_with_two_strengths_is_two_rows() -> None:
    entries = [{**ART["evasion"][0], "params": {"eps": eps, "on": True}} for eps in (0.1, 0.2)]
    named = [one.detector for one in _attacks(_art(evasion=entries))[:2]]
    assert named == ["eps=0.1,on=true", "eps=0.2,on=true"]


def test_the_advantage_of_a_membership_attack_is_reckoned_where_it_is_not_given() -> None:
    (*_, attack) = _attacks(_art(inference={"rule": {"member_tpr": 0.9, "nonmember_fpr": 0.85}}))
    assert attack.advantage == pytest.approx(0.05)


@pytest.mark.parametrize(
    "entry",
    [
        {"member_tpr": 0.9, "nonmember_fpr": 0.8, "advantage": 0.5},
        {"member_tpr": 0.9},
        {"member_tpr": 1.5, "nonmember_fpr": 1.45},
        {"member_tpr": 0.1, "nonmember_fpr": -0.1},
        {"advantage": 1.5},
        {"advantage": "high"},
        {"advantage": float("nan")},
    ],
)
def test_an_advantage_that_cannot_be_used_is_unknown_and_an_error(entry: object) -> None:
    evidence = _art(inference={"rule": entry})
    (*_, attack) = _attacks(evidence)
    assert (attack.advantage, attack.unknown) == (None, {"advantage": "malformed"})
    assert _told(evidence)["attack/membership"] == (1, 0, 1, 0)


@pytest.mark.parametrize("entry", [{"error": "memory"}, {"robust_accuracy": None}, {}])
def test_an_attack_that_was_not_measured_is_an_error_and_no_row(entry: dict[str, object]) -> None:
    evidence = _art(evasion=[{"attack": "FGM", **entry}])
    assert _told(evidence)["attack/evasion"] == (0, 0, 1, 0)


def test_an_accuracy_that_is_no_ratio_never_meets_a_floor() -> None:
    evidence = _art(clean_accuracy=95, evasion=[{"attack": "FGM", "robust_accuracy": 40}])
    attack = _attacks(evidence)[0]
    assert (attack.clean_value, attack.attacked_value) == (None, None)
    assert attack.unknown == {"clean_value": "unit", "attacked_value": "unit"}


def test_an_attack_that_was_not_run_is_not_a_question_that_was_answered() -> None:
    document = {key: value for key, value in ART.items() if key != "inference"}
    assert "attack/membership" not in _told(evidence_of(document))
    assert _told(_art(extraction=[]))["attack/extraction"] == (0, 0, 0, 0)


def test_a_norm_that_is_infinite_is_written_out() -> None:
    entry = {"attack": "FGM", "params": {"norm": float("inf")}, "robust_accuracy": 0.5}
    assert _attacks(_art(evasion=[entry]))[0].detector == "norm=infinite"


def test_other_scores_of_privacy_and_robustness_keep_their_names() -> None:
    evidence = _art(inference={"SHAPr": {"mean": 0.4}, "x": {"error": "e"}}, clever_l2=0.3)
    assert _values(evidence)["SHAPr", "mean"] == (0.4, None)
    assert _values(evidence)["clever_l2", None] == (0.3, None)
    assert _told(evidence)["attack/membership"] == (0, 0, 1, 0)


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"evasion": {}}, "/evasion"),
        ({"evasion": [{"robust_accuracy": 0.5}]}, "/evasion/0"),
        ({"inference": {"rule": 3}}, "/inference/rule"),
    ],
)
def test_an_envelope_that_breaks_its_form_is_refused_at_its_place(
    change: dict[str, object], at: str
) -> None:
    assert refusal({**ART, **change}).where == f"report.json#{at}"


def test_an_envelope_without_its_tool_is_taken_for_what_it_is_declared_to_be() -> None:
    document = {key: value for key, value in ART.items() if key != "tool"}
    assert refusal(document).code == "format-unknown"
    assert len(_attacks(evidence_of(document, as_format="art"))) == 2
