"""How much the cases of a policy prove: which clauses they show at work, which faults they see."""

from collections.abc import Mapping
from typing import cast

from pydantic import JsonValue

from assaybook.domain.errors import AuthorError
from assaybook.domain.policy import Policy
from assaybook.domain.record import record
from assaybook.evaluation.clauses import Clause, Clauses
from assaybook.evaluation.run import watched
from assaybook.language.build import References, build_policy
from assaybook.language.mutants import Mutant, mutants
from assaybook.language.source import source_of
from assaybook.service.run_cases import Suite, judge_case, run_case


@record
class Mutated:
    """What became of the mutants of one policy.

    Attributes:
        tried: how many loaded and were judged.
        refused: how many the checker refused, so that no case is needed for them.
        survivors: those with which every case still held.
    """

    tried: int
    refused: int
    survivors: tuple[Mutant, ...]

    @property
    def score(self) -> float:
        """Return the share of mutants that some case noticed, 0 to 1; 1 where none was tried."""
        return 1 - len(self.survivors) / self.tried if self.tried else 1.0


def clauses_shown(suite: Suite) -> tuple[Clause, ...]:
    """Return every clause of a policy with what its cases show of it.

    Raises:
        SubmitterError: a file that a case names cannot be read.
    """
    clauses = Clauses(suite.policy)
    with watched(clauses.take):
        for case in suite.cases.cases if suite.cases else ():
            judge_case(suite.policy, case, suite.folder)
    return tuple(clauses.found.values())


def mutated(suite: Suite, known: References) -> Mutated:
    """Judge the cases of a policy again for each small fault put into it.

    Raises:
        SubmitterError: a file that a case names cannot be read.
    """
    tried = refused = 0
    survivors: list[Mutant] = []
    written = cast("Mapping[str, JsonValue]", suite.policy.source)  # as read from YAML
    for mutant in mutants(written):
        try:
            policy = build_policy(source_of(mutant.document, suite.file), known)
        except AuthorError:
            refused += 1
            continue
        tried += 1
        if not _noticed(suite, policy):
            survivors.append(mutant)
    return Mutated(tried, refused, tuple(survivors))


def _noticed(suite: Suite, policy: Policy) -> bool:
    cases = suite.cases.cases if suite.cases else ()
    return any(run_case(policy, case, suite.folder).differences for case in cases)
