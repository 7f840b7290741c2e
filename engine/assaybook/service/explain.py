"""Explain one rule over files: judge them as a check does, and say what decided."""

from assaybook.domain.errors import UsageError
from assaybook.evaluation.explain import Explanation, explain
from assaybook.service.check import CheckRequest, check_files
from assaybook.service.judge import Judgement


def explained(
    request: CheckRequest, name: str, row: str | None = None
) -> tuple[Explanation, Judgement]:
    """Return why a rule, ``POLICY/RULE``, came to its outcome, and the judgement it is part of.

    Raises:
        AssayError: ``rule-unknown``, ``row-unknown``, or what a check raises.
    """
    policy, slash, rule = name.partition("/")
    if not (policy and slash and rule):
        hint = "Write it like fairness.slice-floor/floor."
        raise UsageError("rule-unknown", "this names no rule of a policy", where=name, hint=hint)
    judgement = check_files(request)
    names = {one.envelope.id: one.envelope.name for one in judgement.evidence}
    found = explain(judgement.assessment, policy, rule, row)
    return found.model_copy(update={"names": names}), judgement
