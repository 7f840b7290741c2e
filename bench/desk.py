"""How long the authoring desk takes on the library that ships: its cases, and faults put into it.

Prints one JSON object a line with the processor time and its limit, and ends with 1 where a limit
is passed or a case does not hold.
"""

import json
import sys
from collections.abc import Callable
from time import process_time
from typing import Any, Final

from assaybook.catalogs.load import load_catalogs
from assaybook.service.bundles import BundleFiles, references
from assaybook.service.policy_docs import policy_pages
from assaybook.service.prove_cases import clauses_shown, mutated
from assaybook.service.run_cases import read_suites, run_suites

TEST_SECONDS: Final = 10.0
MUTATE_SECONDS: Final = 180.0
DOCS_SECONDS: Final = 5.0
LEAST_SCORE: Final = 0.95


def timed(job: Callable[[], dict[str, Any]], what: str, limit: float) -> bool:
    """Print what a job yields with its processor time; tell whether it kept its limit."""
    start = process_time()
    found = job()
    seconds = process_time() - start
    held = seconds <= limit and found.pop("held", True)
    line = {"what": what, **found, "cpu_seconds": round(seconds, 2), "limit": limit, "held": held}
    print(json.dumps(line), flush=True)
    return bool(held)


def test_cases() -> dict[str, Any]:
    """Run every case of the library, and say which rules lack one."""
    results = run_suites(read_suites(()))
    cases = sum(len(one.cases) for one in results)
    return {"policies": len(results), "cases": cases, "held": all(one.held for one in results)}


def cover_clauses() -> dict[str, Any]:
    """Say of every clause whether some case shows it in full."""
    clauses = [clause for suite in read_suites(()) for clause in clauses_shown(suite)]
    lacking = sum(bool(one.lacking) for one in clauses)
    return {"clauses": len(clauses), "lacking": lacking, "held": not lacking}


def mutate() -> dict[str, Any]:
    """Put every small fault into every policy, and count those that some case notices."""
    known = references(load_catalogs())
    found = [mutated(suite, known) for suite in read_suites(())]
    tried, survivors = sum(one.tried for one in found), sum(len(one.survivors) for one in found)
    score = 1 - survivors / tried
    told = {"mutants": tried, "refused": sum(one.refused for one in found)}
    return {**told, "score": round(score, 4), "held": score >= LEAST_SCORE}


def write_pages() -> dict[str, Any]:
    """Make the pages of the library."""
    pages = policy_pages(BundleFiles(), "Assaybook")
    return {"pages": len(pages), "bytes": sum(map(len, pages.values()))}


def main() -> int:
    """Run all of it; return the exit code."""
    held = [
        timed(test_cases, "assay policy test", TEST_SECONDS),
        timed(cover_clauses, "assay policy test --coverage", TEST_SECONDS),
        timed(write_pages, "assay policy docs", DOCS_SECONDS),
        timed(mutate, "assay policy test --mutate", MUTATE_SECONDS),
    ]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
