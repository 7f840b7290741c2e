"""Whether interpreter and closures agree, over many well-typed expressions and documents.

Draws expressions from the signatures of the language until as many as asked for have passed the
checker, judges each with both back ends over a document of which much is missing, and prints one
JSON object: how many agreed, what they came to, and which functions and forms came up. Ends with 1
and prints the first that differ where any do.
"""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from random import Random
from time import process_time
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from assaybook.domain.errors import AuthorError
from assaybook.domain.expression import Call, Expression, Node, Quantifier
from assaybook.domain.functions import FUNCTIONS
from assaybook.domain.values import Unknown, Value
from assaybook.evaluation.closures import compile_node
from assaybook.evaluation.interpret import interpret
from assaybook.evaluation.trace import Trace
from assaybook.language.checker import check
from assaybook.language.parser import parse
from assaybook.language.text import walk
from support.policy_parts import ENVIRONMENT
from support.typed_expressions import Writer, a_document

WANTED: Final = ("bool", "bool", "bool", "int", "double", "string", "timestamp", "duration")
DOCUMENTS: Final = 200
RENEWED: Final = 2_000
SHOWN: Final = 5


def drawn(writer: Writer) -> Expression | None:
    """Return an expression that the checker takes, or None."""
    random = writer.random
    text = writer.of(random.choice(WANTED), random.randint(1, 4))
    try:
        return check(parse(text), ENVIRONMENT)
    except AuthorError:
        return None


def differs(node: Node, names: dict[str, Value], seen: Counter[str]) -> str:
    """Return what the two back ends say where they differ, else nothing."""
    expected = interpret(node, names)
    found = compile_node(node).judge(names, Trace())
    seen["unknown" if isinstance(expected, Unknown) else "known"] += 1
    return "" if repr(found) == repr(expected) else f"{expected!r} and {found!r}"


def parts(node: Node) -> set[str]:
    """Return the functions and forms of an expression."""
    named: set[str] = set()
    for each in walk(node):
        if isinstance(each, Call):
            named.add(each.function)
        elif isinstance(each, Quantifier):
            named.add(each.kind)
        else:
            named.add(type(each).__name__)
    return named


def main() -> int:
    """Compare, print and return 1 where the back ends differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    random = Random(asked.seed)  # noqa: S311 - the same expressions in each run
    writer = Writer(random)
    seen: Counter[str] = Counter()
    came_up: Counter[str] = Counter()
    wrong: list[str] = []
    start, done, refused = process_time(), 0, 0
    documents: list[dict[str, Value]] = []
    while done < asked.count:
        if done % RENEWED == 0:
            documents = [a_document(random) for _ in range(DOCUMENTS)]
        expression = drawn(writer)
        if expression is None:
            refused += 1
            continue
        done += 1
        came_up.update(parts(expression.node))
        said = differs(expression.node, random.choice(documents), seen)
        if said:
            wrong.append(f"{expression.text}: {said}")
    told = {
        "what": "interpreter and closures",
        "expressions": done,
        "differ": len(wrong),
        "refused_by_the_checker": refused,
        **seen,
        "functions_never_called": sorted(FUNCTIONS.keys() - came_up.keys()),
        "forms": {key: came_up[key] for key in sorted(came_up.keys() - FUNCTIONS.keys())},
        "seconds": round(process_time() - start, 1),
    }
    print(json.dumps(told))
    for line in wrong[:SHOWN]:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
