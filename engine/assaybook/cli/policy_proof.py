"""What ``assay policy test --coverage`` and ``--mutate`` say of the cases of policies."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from assaybook.domain.record import record

if TYPE_CHECKING:
    from assaybook.evaluation.clauses import Clause
    from assaybook.service.prove_cases import Mutated
    from assaybook.service.run_cases import Suite
    from assaybook.service.suggest_cases import Case

_WIDTH: Final = 96


@record
class Proof:
    """What was asked about the cases of one policy; None for what was not.

    ``first`` is the frame of a case to begin with, where no case passes that others could be
    made from.
    """

    policy: str
    clauses: "tuple[Clause, ...] | None" = None
    mutated: "Mutated | None" = None
    suggested: "tuple[Case, ...] | None" = None
    first: "Case | None" = None


def proof_of(suite: "Suite", *, coverage: bool, mutate: bool, suggest: bool) -> Proof:
    """Return what is asked about the cases of one policy.

    Raises:
        AssayError: a file that a case names, or the cases themselves, cannot be read.
    """
    from assaybook.catalogs.load import load_catalogs
    from assaybook.service.bundles import references
    from assaybook.service.first_case import first_case
    from assaybook.service.prove_cases import clauses_shown, mutated
    from assaybook.service.suggest_cases import suggested_cases

    suggested = suggested_cases(suite) if suggest else None
    return Proof(
        suite.policy.id,
        clauses_shown(suite) if coverage else None,
        mutated(suite, references(load_catalogs())) if mutate else None,
        suggested,
        first_case(suite.policy) if suggested == () else None,
    )


def proof_record(proof: Proof) -> dict[str, object]:
    """Return a proof as JSON values, without what was not asked."""
    found: dict[str, object] = {}
    if proof.clauses is not None:
        found["clauses"] = [
            {
                "clause": each.text,
                "where": each.where,
                "seen": sorted(each.seen),
                "decides_alone": sorted(each.decided),
                "lacking": list(each.lacking),
            }
            for each in proof.clauses
        ]
    if proof.mutated is not None:
        found["mutants"] = {
            "tried": proof.mutated.tried,
            "refused": proof.mutated.refused,
            "score": round(proof.mutated.score, 4),
            "survivors": [
                {"place": e.place, "change": e.change, "before": e.before, "after": e.after}
                for e in proof.mutated.survivors
            ],
        }
    if proof.suggested is not None:
        found["suggested"] = list(proof.suggested)
    if proof.first is not None:
        found["first_case"] = proof.first
    return found


def proof_page(proof: Proof) -> Iterator[str]:
    """Yield the lines that a person reads: totals, then what to write a case for."""
    if proof.clauses is not None:
        lacking = [each for each in proof.clauses if each.lacking]
        shown = len(proof.clauses) - len(lacking)
        yield f"        clauses  {shown} of {len(proof.clauses)} shown in full"
        for each in lacking:
            yield f"          {each.where}: {each.text}"
            yield f"            {', '.join(each.lacking)}"
    if proof.mutated is not None:
        tried, left = proof.mutated.tried, proof.mutated.survivors
        share = f"{proof.mutated.score:.0%}"
        refused = f"; the checker refused {proof.mutated.refused} more"
        yield f"        mutants  {tried - len(left)} of {tried} noticed ({share}){refused}"
        for mutant in left:
            yield f"          survived: {mutant.place}, {mutant.change}"
            yield from (f"            - {line.strip()}" for line in mutant.before.splitlines())
            yield f"            + {mutant.after or '(left out)'}"
    if proof.first is not None:
        yield "  # No case of the policy passes yet. Write what stands in <...>, beside the policy:"
        yield f"  policy: {proof.policy}"
        yield "  cases:"
        yield from _yaml(proof.first)
    elif proof.suggested is not None:
        yield "  # What the policy says now. Keep what is right; else the policy has a fault."
        for case in proof.suggested:
            yield ""
            yield from _yaml(case)


def _yaml(case: "Case") -> Iterator[str]:
    """Yield a case as YAML, to be read and then put under ``cases:``."""
    import yaml

    text = yaml.safe_dump([case], sort_keys=False, width=_WIDTH, allow_unicode=True)
    yield from (f"  {line}" for line in text.splitlines())
