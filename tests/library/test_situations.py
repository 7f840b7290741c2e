"""Each situation of evidence against each shipped policy, with the outcome that is wanted.

A cell has a letter for each rule of the policy, in their order: P passes, F fails, I is
inconclusive, N is not applicable, a dot where the situation cannot arise. Two things to know:

- A rule that asks for something that is there (a topic of a card, a drill that worked, an edge of
  lineage) passes by the rows that show it; what could not be read beside them takes nothing away.
- A rule that asks that nothing is there, or that each row holds, passes only over a list that is
  known to be whole.
"""

from collections.abc import Sequence
from typing import Any, Final

import pytest

from assaybook.domain.documents import Evidence
from assaybook.domain.evidence import AboutArtifact, Scope
from assaybook.domain.finding import Assessment, Disposition, Finding, Outcome
from assaybook.domain.policy import Overlay, OverlaySet
from assaybook.domain.subject import Artifact, RiskTier
from assaybook.domain.waiver import Approval, Retirement, Waiver
from assaybook.evaluation.params import in_force
from assaybook.evaluation.subject_values import system_row
from assaybook.language.parser import parse
from support.evidence import AS_OF, TRAIN, a_document, a_fact, a_metric, a_subject, covered, days
from support.situations import (
    NO_DATA_SET,
    SITUATIONS,
    an_answer,
    judged,
    judged_specimen,
    letters,
    policies,
)
from support.specimens import BY_POLICY, SPECIMENS, clean

TABLE: Final = """
                                                  checks use card drift slices lineage drills  pii  calib floor deps  secrets  harm  probes  review  attack  scan  signed  guide
all is well                                       P      PP  P    PP    PPP    PP      PP      P    PP    P     P     P        P     PP      P       PP      P     P       P
all is ill                                        F      FF  F    PF    PFF    FF      FF      F    FF    F     F     F        F     PF      F       PF      F     F       F
nothing                                           I      II  I    II    III    II      II      I    II    I     I     I        I     II      I       II      I     I       I
another tool's clean file only                    I      II  I    II    III    II      II      I    II    I     I     I        I     II      I       II      I     I       I
stale                                             I      II  I    II    III    II      II      I    II    I     I     I        I     II      I       II      I     P       I
undated                                           I      II  I    II    III    II      II      I    II    I     I     I        I     II      I       II      I     P       I
another release of the system                     I      II  I    II    III    II      PP      I    II    I     I     I        I     II      P       II      I     P       I
another system                                    I      II  I    II    III    II      II      I    II    I     I     I        I     II      I       II      I     I       I
a bad one, then a weaker clean one                I      II  I    PI    PII    II      II      F    II    I     F     F        I     PI      I       PI      F     F       I
a clean one, then a weaker bad one                I      II  I    PI    PII    II      II      F    II    I     F     F        I     PI      I       PI      F     P       I
examined nothing                                  I      II  I    II    III    II      II      I    II    I     I     I        I     II      I       II      I     I       I
unknown counts and no rows                        I      II  I    II    III    II      II      I    II    I     I     I        I     II      I       II      I     I       I
1 examined and 99 skipped                         I      PP  P    PI    PII    PI      PP      I    II    I     I     I        I     PI      P       PI      I     P       P
10 examined and 50 skipped                        I      PP  P    PI    PII    PI      PP      I    II    I     I     I        I     PI      P       PI      I     P       P
3 failures told and none shown                    I      PP  P    PI    PII    PI      PP      I    II    I     I     I        I     PI      P       PI      I     P       P
a hit plus an errored file                        F      II  I    PF    PFF    IF      II      F    FF    F     F     F        F     PF      I       PF      F     I       I
a pass plus an errored file                       I      PP  P    PI    PII    PI      PP      I    II    I     I     I        I     PI      P       PI      I     P       P
a field that the format lacks                     I      II  I    PI    PII    II      II      F    II    I     .     .        I     PI      I       PI      .     I       I
two sources that disagree                         I      II  I    PI    PII    II      II      F    II    I     F     F        I     PI      I       PI      F     I       I
a newer document without the rows                 I      II  I    II    III    II      FF      P    II    I     P     P        I     II      F       II      P     I       I
some of what is asked is missing                  I      PF  F    FP    FII    .       PF      .    PI    .     .     .        .     FP      .       .       .     .       F
too few samples                                   I      .   .    PI    PII    .       .       .    II    I     .     .        I     PI      .       PI      .     .       .
per cent instead of ratio                         .      .   .    .     PII    .       .       .    II    I     .     .        .     .       .       PI      .     .       .
bad last week and clean today                     P      PP  P    PP    PPP    PP      PP      P    PP    P     P     P        P     PP      P       PP      P     P       P
clean last week and bad today                     F      FF  F    PF    PFF    FF      FF      F    FF    F     F     F        F     PF      F       PF      F     F       F
the same bytes again next week                    P      PP  P    PP    PPP    PP      PP      P    PP    P     P     P        P     PP      P       PP      P     P       P
a source that found something and is silent since I      PP  P    PI    PII    PI      PP      I    II    I     I     I        I     PI      P       PI      I     I       P
two tools of which the newer is clean             I      II  I    PI    PII    II      II      F    II    I     F     F        I     PI      I       PI      F     I       I
a bad one, then a scan that broke off             F      II  I    PF    PFF    IF      II      F    FF    F     F     F        F     PF      I       PF      F     I       I
a bad one, then an empty list without counts      F      II  I    PF    PFF    IF      II      F    FF    F     F     F        F     PF      I       PF      F     I       I
a clean one, then an undated bad one              I      PP  P    PI    PII    PI      PP      I    II    I     I     I        I     PI      P       PI      I     I       P
a bad and a clean one of one submission           I      II  I    PI    PII    II      II      F    II    I     F     F        I     PI      I       PI      F     I       I
only a part could be read                         I      PP  P    PI    PII    PI      PP      I    II    I     I     I        I     PI      P       PI      I     P       P
no registered data set                            I      PP  P    PP    PPP    IF      PP      I    PP    P     P     P        P     PP      P       PP      P     P       P
"""  # noqa: E501
_WIDTH: Final = 50
AGEING: Final = [policy for policy in BY_POLICY if policy != "supply-chain.provenance"]
"""What asks how old evidence is: a signature over a digest stays true of these bytes."""
NO_DATA: Final = "no registered data set"


def _rows() -> dict[str, list[str]]:
    _head, *lines = TABLE.strip("\n").splitlines()
    return {str(line[:_WIDTH].strip()): list(line[_WIDTH:].split()) for line in lines}


def _cells() -> list[object]:
    return [
        pytest.param(name, specimen.policy, wanted, id=f"{name} - {specimen.policy}")
        for name, cells in _rows().items()
        for specimen, wanted in zip(SPECIMENS, cells, strict=True)
        if wanted != "."
    ]


def _submitted(situation: str, policy: str) -> Sequence[Evidence]:
    specimen = BY_POLICY[policy]
    found = (specimen.sound(),) if situation == NO_DATA else SITUATIONS[situation](specimen)
    assert found is not None
    return found


@pytest.mark.parametrize(("situation", "policy", "wanted"), _cells())
def test_each_situation_gives_what_a_governance_lead_wants(
    situation: str, policy: str, wanted: str
) -> None:
    subject = NO_DATA_SET if situation == NO_DATA else None
    documents = _submitted(situation, policy)
    specimen = BY_POLICY[policy]
    assert judged_specimen(specimen, *documents, subject=subject) == wanted
    assert judged_specimen(specimen, *reversed(documents), subject=subject) == wanted


def test_the_table_has_every_situation_and_every_policy_that_ships() -> None:
    assert set(_rows()) == {*SITUATIONS, NO_DATA}
    asks_no_tool = {"approval.two-persons", "oversight.prohibited-use"}
    assert set(BY_POLICY) | asks_no_tool == set(policies())
    impossible = {
        (name, specimen.policy)
        for name, cells in _rows().items()
        for specimen, wanted in zip(SPECIMENS, cells, strict=True)
        if wanted == "."
    }
    assert impossible == {
        (name, specimen.policy)
        for name, situation in SITUATIONS.items()
        for specimen in SPECIMENS
        if situation(specimen) is None
    }


@pytest.mark.parametrize("situation", ["stale", "undated", "nothing", "examined nothing"])
@pytest.mark.parametrize("policy", AGEING)
def test_whatever_is_undecided_says_why(situation: str, policy: str) -> None:
    specimen = BY_POLICY[policy]
    subject, documents = specimen.subject(), _submitted(situation, policy)
    found = judged(policy, documents, subject=subject, params=specimen.params)
    for finding in found.findings:
        assert finding.reasons
        assert finding.fix


@pytest.mark.parametrize("policy", AGEING)
def test_an_undated_document_is_listed_as_left_out_even_where_the_rule_passes(policy: str) -> None:
    specimen = BY_POLICY[policy]
    documents = _submitted("a clean one, then an undated bad one", policy)
    found = judged(policy, documents, subject=specimen.subject(), params=specimen.params)
    for finding in found.findings:
        assert "undated" in {one.code for one in finding.left_out}


# Approval reads persons.


@pytest.mark.parametrize(
    ("answers", "wanted"),
    [
        pytest.param([], "I", id="nothing"),
        pytest.param([an_answer("a"), an_answer("b")], "P", id="two persons"),
        pytest.param([an_answer("a")], "I", id="one person"),
        pytest.param(
            [an_answer("a"), an_answer("b", age=200)], "I", id="one of the two is too old"
        ),
        pytest.param(
            [an_answer("a"), an_answer("b", age=3), an_answer("b", "no", age=1)],
            "F",
            id="a withdrawn approval",
        ),
        pytest.param(
            [an_answer("a"), an_answer("b", "no", age=3), an_answer("b", age=1)],
            "P",
            id="a person who said no and then yes",
        ),
        pytest.param(
            [an_answer("a"), an_answer("b"), an_answer("c", "no")], "F", id="a third says no"
        ),
        pytest.param(
            [an_answer("a"), an_answer("a", role="clinician", age=1)],
            "I",
            id="one person under two roles",
        ),
        pytest.param(
            [an_answer("a"), an_answer("b", role="clinician")], "I", id="a person in another role"
        ),
        pytest.param(
            [an_answer("a"), an_answer(None)], "I", id="a signature that was not verified"
        ),
        pytest.param(
            [an_answer("a"), an_answer("b"), an_answer("b", "no")],
            "I",
            id="yes and no at one instant",
        ),
        pytest.param(
            [an_answer("a"), an_answer("lena")], "I", id="the person who asked for the release"
        ),
        pytest.param([clean("attestation")], "I", id="a clean file of another tool"),
    ],
)
def test_a_release_is_approved_by_two_persons_or_not(answers: list[Evidence], wanted: str) -> None:
    subject = a_subject(release={"requested_by": "lena"})
    assert letters(judged("approval.two-persons", answers, subject=subject)) == wanted


def test_an_approval_of_another_release_does_not_count() -> None:
    answers = [an_answer("a"), an_answer("b")]
    other = a_subject(release={"version": "2"})
    assert letters(judged("approval.two-persons", answers, subject=other)) == "I"


@pytest.mark.parametrize(
    ("stage", "wanted"),
    [("production", "I"), ("prod", "I"), (None, "I"), ("staging", "N"), ("development", "N")],
)
def test_only_a_stage_that_is_known_not_to_be_production_excuses_from_approval(
    stage: str | None, wanted: str
) -> None:
    subject = a_subject(release={"stage": stage})
    assert letters(judged("approval.two-persons", (), subject=subject)) == wanted


@pytest.mark.parametrize(
    ("stage", "wanted"), [("staging", "II"), ("prod", "II"), (None, "II"), ("development", "NN")]
)
def test_only_a_stage_before_use_excuses_from_drills(stage: str | None, wanted: str) -> None:
    subject = a_subject(release={"stage": stage})
    assert letters(judged("operations.alert-and-rollback", (), subject=subject)) == wanted


@pytest.mark.parametrize(
    ("tier", "wanted"),
    [(RiskTier.UNACCEPTABLE, "III"), (None, "III"), (RiskTier.MINIMAL, "NNN")],
)
def test_only_minimal_risk_excuses_from_slices(tier: RiskTier | None, wanted: str) -> None:
    subject = a_subject(system={"risk_tier": tier})
    assert letters(judged("fairness.slice-floor", (), subject=subject)) == wanted


# Single traps, most of which a draft of the rules once let through.

TWO_SETS: Final = a_subject(
    release={
        "artifacts": (
            Artifact(name="d", kind="dataset", digest=TRAIN),
            Artifact(name="e", kind="dataset", digest=f"sha256:{'3' * 64}"),
        )
    }
)
SECRETS: Final = BY_POLICY["security.secrets"]
PII: Final = BY_POLICY["privacy.training-data-pii"]
FLOOR: Final = BY_POLICY["quality.floor"]
SLICES: Final = BY_POLICY["fairness.slice-floor"]
CHECKS: Final = BY_POLICY["data-quality.checks"]


def _scope(**parts: str) -> Scope:
    return Scope(**parts)


def test_one_data_set_of_two_that_was_scanned_proves_nothing_of_the_other() -> None:
    one = AboutArtifact(digest=TRAIN, kind="dataset")
    scan = PII.sound(artifacts=[one])
    assert judged_specimen(PII, scan) == "P"
    assert judged_specimen(PII, scan, subject=TWO_SETS) == "I"
    assert judged_specimen(CHECKS, CHECKS.sound(artifacts=[one]), subject=TWO_SETS) == "I"


def test_a_scan_for_e_mail_alone_says_nothing_of_telephone_numbers() -> None:
    assert judged_specimen(PII, a_document(coverage=[covered("pii/email")])) == "I"


def test_forty_shards_of_one_run_stand_together() -> None:
    shards = [
        (PII.broken if number % 2 else PII.sound)(
            name=f"{number}", age=1 + number / 100, submission="one"
        )
        for number in range(40)
    ]
    assert judged_specimen(PII, *shards) == "F"


def test_a_data_path_that_was_renamed_stays_dirty_until_a_person_retires_it() -> None:
    old = SECRETS.broken(scope=_scope(path="old"), age=5, received=5)
    new = SECRETS.sound(scope=_scope(path="new"))
    retired = Retirement(
        format="tool", tool="tool", path="old", reason="moved", person="a", at=AS_OF - days(1)
    )
    assert judged_specimen(SECRETS, old, new) == "F"
    assert judged_specimen(SECRETS, old, new, retirements=(retired,)) == "P"


def test_a_drift_tool_that_changed_its_method_is_heard() -> None:
    old = BY_POLICY["drift.features"].sound(age=5, received=5)
    fact = a_fact("drift", column="age", method="ks", statistic="p_value", value=1e-9)
    loud = fact.model_copy(update={"n_reference": 500, "n_current": 400})
    found = judged("drift.features", [old, a_document(loud)])
    assert letters(found) == "IF"
    silent = fact.model_copy(update={"method": "wasserstein", "statistic": "distance"})
    assert letters(judged("drift.features", [old, a_document(silent)])) == "II"


def test_drift_of_two_data_sets_is_two_rows_and_no_conflict() -> None:
    drift = BY_POLICY["drift.features"]
    fine = [drift.sound(scope=_scope(dataset=name)) for name in ("train", "intake")]
    assert judged_specimen(drift, *fine) == "PP"
    moved = drift.broken(scope=_scope(dataset="intake"))
    assert judged_specimen(drift, fine[0], moved) == "PF"


def test_a_model_card_and_a_data_card_that_say_different_things_are_no_conflict() -> None:
    card = BY_POLICY["documentation.model-card"]
    data = a_fact(
        "documentation", document="dataset", topic="limitations", present=True, placeholder=True
    )
    assert judged_specimen(card, card.sound(age=5), a_document(data)) == "P"


def test_the_runs_of_several_jobs_of_one_tool_do_not_replace_each_other() -> None:
    lineage = BY_POLICY["lineage.training-data"]
    trained = lineage.sound(scope=_scope(job="train"), age=5, received=5)
    edge = a_fact("lineage", source="r", target="d", relation="tested_on", digest=TRAIN)
    assert judged_specimen(lineage, trained, a_document(edge, scope=_scope(job="evaluate"))) == "PP"


def test_a_release_without_a_data_set_proves_no_lineage_even_without_evidence() -> None:
    assert letters(judged("lineage.training-data", (), subject=NO_DATA_SET)) == "II"


def test_numbers_that_agree_as_far_as_both_are_printed_are_one_number() -> None:
    card = a_document(a_metric("roc_auc", 0.82, direction="higher"), tool="card")
    run = a_document(a_metric("roc_auc", 0.8177, direction="higher", n=200), tool="run")
    assert letters(judged("quality.floor", [card, run], params={"floor": 0.80})) == "P"


def test_a_value_of_a_data_set_that_nobody_named_may_be_that_of_the_named_one() -> None:
    unnamed = a_document(a_metric("roc_auc", 0.95, dataset=None), tool="a")
    named = a_document(a_metric("roc_auc", 0.50), tool="b")
    assert letters(judged("quality.floor", [unnamed, named])) == "I"


def test_a_slice_that_was_measured_twice_does_not_stand_for_one_that_was_not() -> None:
    women = SLICES.good[:1]
    twice = [
        SLICES.document(tuple(one.model_copy(update={"dataset": name}) for one in women), tool=name)
        for name in ("a", "b")
    ]
    complete, _floor, gap = judged(SLICES.policy, twice, params=SLICES.params).findings
    assert complete.outcome is Outcome.FAIL
    assert gap.outcome is Outcome.INCONCLUSIVE


def test_a_declared_slice_is_the_measured_one_however_its_letters_are_composed() -> None:
    params = {"slices": ("sex=Ma\u0308nner", "sex=Frauen")}
    rows = tuple(
        one.model_copy(update={"slice": part})
        for one, part in zip(SLICES.good, ("sex=M\u00e4nner", "sex=Frauen"), strict=True)
    )
    found = judged(SLICES.policy, [SLICES.document(rows)], params=params)
    assert letters(found) == "PPP"


def test_an_overall_value_is_no_slice() -> None:
    overall = a_document(a_metric("recall", 0.99, n=500))
    assert judged_specimen(SLICES, overall) == "FII"


def test_a_small_slice_decides_nothing_in_either_direction() -> None:
    rows = (SLICES.good[0].model_copy(update={"value": 0.1, "n": 12}), SLICES.good[1])
    assert judged_specimen(SLICES, SLICES.document(rows)) == "PII"


@pytest.mark.parametrize(("n", "wanted"), [(318, "PPP"), (130, "PFP")])
def test_the_positives_of_a_slice_decide_and_not_its_rows(n: int, wanted: str) -> None:
    rows = tuple(one.model_copy(update={"value": 0.86, "n": n}) for one in SLICES.good)
    assert judged_specimen(SLICES, SLICES.document(rows)) == wanted


def test_slices_that_nobody_declared_are_not_taken_to_be_none() -> None:
    found = judged(SLICES.policy, [SLICES.sound()])
    assert letters(found) == "III"
    assert {one.code for each in found.findings for one in each.reasons} == {"param_unset"}


def test_an_overlay_for_a_tier_that_nobody_stated_is_not_lost_in_silence() -> None:
    policy = policies()["quality.floor"]
    sets = OverlaySet(policy.id, {"floor": 0.9}, applies=parse('system.risk_tier == "high"'))
    unknown_tier = system_row(a_subject(system={"risk_tier": None}).system)
    assert in_force(policy, (Overlay("o", (sets,)),), unknown_tier).params["floor"].value is None


def test_a_vulnerability_without_a_severity_is_a_vulnerability() -> None:
    assert judged_specimen(BY_POLICY["security.dependencies"], SECRETS.sound()) == "I"
    found = BY_POLICY["security.dependencies"].broken()
    assert found.facts[0].model_dump()["severity"] is None
    assert judged_specimen(BY_POLICY["security.dependencies"], found) == "F"


def test_a_secret_that_the_tool_suppressed_is_a_secret() -> None:
    fact = SECRETS.bad[0].model_copy(update={"suppressed": True})
    assert judged_specimen(SECRETS, a_document(fact)) == "F"


def test_a_short_digest_of_another_kind_contradicts_nothing() -> None:
    short = AboutArtifact(digest="md5:1a2b3c4d", name="d", kind="dataset")
    assert judged_specimen(FLOOR, FLOOR.sound(artifacts=[short])) == "P"


def test_a_digest_of_other_bytes_is_about_something_else() -> None:
    other = AboutArtifact(digest=f"sha256:{'9' * 64}", name="m", kind="model")
    assert judged_specimen(FLOOR, FLOOR.sound(artifacts=[other])) == "I"


def test_the_rules_file_and_the_record_of_the_drill_may_be_two_documents() -> None:
    rules = a_document(
        a_fact("operation", kind="alert", target="t", expression="recall < 0.8"), tool="rules"
    )
    drills = BY_POLICY["operations.alert-and-rollback"].sound(tool="drills")
    assert letters(judged("operations.alert-and-rollback", [rules, drills])) == "PP"


def test_a_drill_in_the_future_was_not_held() -> None:
    drills = BY_POLICY["operations.alert-and-rollback"]
    rows = tuple(one.model_copy(update={"tested_at": AS_OF + days(3)}) for one in drills.good)
    assert judged_specimen(drills, drills.document(rows)) == "FF"


@pytest.mark.parametrize(
    ("log", "wanted"),
    [
        ([("pass", -300), ("pass", -9)], "P"),
        ([("fail", -300), ("pass", -9)], "P"),
        ([("pass", -30), ("fail", -9)], "F"),
        ([("pass", -300), ("fail", -200)], "F"),
        ([("pass", -9), (None, 30)], "P"),
        ([("fail", -9), ("pass", 30)], "F"),
        ([("pass", -9), ("fail", -9)], "I"),
        ([("pass", -9), (None, None)], "P"),
    ],
)
def test_of_a_log_of_drills_the_last_that_was_held_counts(
    log: list[tuple[str | None, float | None]], wanted: str
) -> None:
    drills = BY_POLICY["operations.alert-and-rollback"]
    alert, rollback = drills.good
    rows = tuple(
        rollback.model_copy(
            update={"result": result, "tested_at": None if at is None else AS_OF + days(at)}
        )
        for result, at in log
    )
    assert judged_specimen(drills, drills.document((alert, *rows))) == f"P{wanted}"


def test_a_number_of_drift_whose_meaning_nobody_states_is_no_p_value() -> None:
    drift = BY_POLICY["drift.features"]
    known = drift.good[0].model_copy(update={"method": "ks", "statistic": "p_value", "value": 0.9})
    bare = known.model_copy(update={"method": None, "statistic": None})
    documents = [drift.document((known,)), drift.document((bare,), tool="b")]
    assert judged_specimen(drift, documents[0]) == "FP"
    assert judged_specimen(drift, *documents) == "FI"


@pytest.mark.parametrize(("statistic", "value"), [("p_value", 4.0), ("p_value", 1.01)])
def test_a_p_value_over_one_is_none(statistic: str, value: float) -> None:
    drift = BY_POLICY["drift.features"]
    wrong = drift.good[0].model_copy(
        update={"method": "ks", "statistic": statistic, "value": value}
    )
    assert judged_specimen(drift, drift.document((wrong,))) == "FI"


@pytest.mark.parametrize(
    ("method", "statistic", "value", "wanted"),
    [
        ("psi", "p_value", 0.9, "PI"),
        ("js", "p_value", 0.4, "PI"),
        ("ks p-value", "distance", 0.001, "PI"),
        ("our_p_val", "distance", 0.001, "PI"),
        ("ks", "p_value", 0.9, "PP"),
        ("psi", "distance", 0.1, "PP"),
    ],
)
def test_a_number_that_is_not_what_it_is_said_to_be_proves_nothing(
    method: str, statistic: str, value: float, wanted: str
) -> None:
    drift = BY_POLICY["drift.features"]
    changed = {"method": method, "statistic": statistic, "value": value}
    first, second = drift.good
    rows = (first, second.model_copy(update=changed))
    assert judged_specimen(drift, drift.document(rows)) == wanted


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"n": 0}, id="of no trials"),
        pytest.param({"n_rows": 0}, id="of no rows"),
        pytest.param({"value": 0.9, "ci_low": 0.4, "ci_high": 0.6}, id="above its interval"),
        pytest.param({"value": 0.8, "ci_low": 0.9, "ci_high": 0.95}, id="below its interval"),
    ],
)
def test_a_value_that_the_numbers_beside_it_contradict_proves_nothing(said: dict[str, Any]) -> None:
    floor = BY_POLICY["quality.floor"]
    odd = floor.good[0].model_copy(update=said)
    near = floor.good[0].model_copy(update={"value": 0.9, "ci_low": 0.85, "ci_high": 0.9})
    assert judged_specimen(floor, floor.document((odd,))) == "I"
    assert judged_specimen(floor, floor.document((near,))) == "P"


def test_a_split_is_the_same_however_the_submitter_spells_it() -> None:
    floor = BY_POLICY["quality.floor"]
    bare = floor.good[0].model_copy(update={"split": None})
    assert judged_specimen(floor, floor.document((bare,), scope=Scope(split="Hold-out"))) == "P"
    assert judged_specimen(floor, floor.document((bare,), scope=Scope(split="train"))) == "I"


def test_a_check_that_fails_on_nothing_proves_nothing() -> None:
    checks = BY_POLICY["data-quality.checks"]
    odd = checks.good[0].model_copy(update={"status": "fail", "failed": 0, "failed_share": 0.0})
    assert judged_specimen(checks, checks.document((odd, *checks.good[1:]))) == "I"


def test_families_of_checks_that_an_overlay_adds_are_judged_too() -> None:
    leak = a_fact(
        "data_check",
        check="leak",
        column="",
        family="leakage",
        examined=400,
        failed=100,
        failed_share=0.25,
        status="fail",
    )
    params = {"families": (*CHECKS.questions, "data_check/leakage")}
    documents = [CHECKS.sound(), a_document(leak, tool="b")]
    assert letters(judged(CHECKS.policy, documents, params=params)) == "F"
    assert letters(judged(CHECKS.policy, [CHECKS.sound()], params=params)) == "I"


def test_three_checks_of_one_family_do_not_stand_for_the_others() -> None:
    nulls = tuple(
        one.model_copy(update={"check": name, "family": "null"})
        for one, name in zip(CHECKS.good, "abc", strict=True)
    )
    told = [covered("data_check/null"), *(covered(q, examined=None) for q in CHECKS.questions[1:])]
    assert judged_specimen(CHECKS, a_document(*nulls, coverage=told)) == "I"


def _waiver(**columns: object) -> Waiver:
    known = {
        "id": "w",
        "policy": SECRETS.policy,
        "rule": "none-is-found",
        "system": "s",
        "rows": ("fingerprint=x",),
        "reason": "a test",
        "requester": "a",
        "approval": Approval(person="b", at=AS_OF - days(2), verified=True),
        "expires": AS_OF + days(9),
    }
    return Waiver(**{**known, **columns})  # type: ignore[arg-type]


def _only(found: Assessment) -> Finding:
    (finding,) = found.findings
    return finding


def test_a_waiver_of_one_hit_does_not_excuse_ninety_nine_files_that_were_not_read() -> None:
    broken_off = SECRETS.document((), tool="b", counts={"examined": 1, "errored": 99})
    found = judged(SECRETS.policy, [SECRETS.broken(), broken_off], waivers=(_waiver(),))
    assert _only(found).outcome is Outcome.FAIL
    assert _only(found).disposition is Disposition.OPEN
    assert _only(found).rest is Outcome.INCONCLUSIVE
    whole = judged(SECRETS.policy, [SECRETS.broken()], waivers=(_waiver(),))
    assert _only(whole).disposition is Disposition.WAIVED


@pytest.mark.parametrize("policy", AGEING)
def test_a_pass_says_when_it_ends_and_is_none_after_that(policy: str) -> None:
    specimen = BY_POLICY[policy]
    documents, subject, params = [specimen.sound()], specimen.subject(), specimen.params
    found = judged(policy, documents, subject=subject, params=params)
    for number, finding in enumerate(found.findings):
        assert finding.expires_at is not None
        later = finding.expires_at + days(1)
        again = judged(policy, documents, subject=subject, params=params, as_of=later)
        assert again.findings[number].outcome is not Outcome.PASS


def test_an_approval_says_when_it_ends() -> None:
    answers = [an_answer("a"), an_answer("b", age=4)]
    ends = AS_OF - days(4) + days(180)
    assert _only(judged("approval.two-persons", answers)).expires_at == ends
    later = judged("approval.two-persons", answers, as_of=ends)
    assert _only(later).outcome is Outcome.INCONCLUSIVE
