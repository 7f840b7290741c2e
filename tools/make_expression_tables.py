"""Compile the expression grammar with lark into the LALR tables that the parser loads.

Loading lark and building the parser took 160 ms at every start of the command line; the tables
load in a millisecond. ``--check`` compares instead of writing and exits 1 where they differ.
"""

import json
import sys
from pathlib import Path

from lark import Lark
from lark.parsers.lalr_analysis import Shift

LANGUAGE = Path(__file__).resolve().parents[1] / "engine" / "assaybook" / "language"


def tables() -> str:
    """Return the tables as JSON: rules, shifts and reductions by state, and the accepting state.

    State 0 is the first. A rule is ``[origin, number of children, production name]``. A positive
    action shifts to the state of that number less one; a negative one reduces by the rule of that
    number less one.
    """
    grammar = (LANGUAGE / "grammar.lark").read_text(encoding="utf-8")
    lark = Lark(grammar, parser="lalr", start="expr", lexer="basic", keep_all_tokens=True)
    table = lark.parser.parser._parse_table  # noqa: SLF001
    rules = {rule: number for number, rule in enumerate(lark.rules)}
    first = table.start_states["expr"]
    order = [first]  # breadth first, names sorted: the same numbers on every run
    for state in order:
        moves = sorted(table.states[state].items())
        targets = (target for _name, (action, target) in moves if action is Shift)
        order.extend(dict.fromkeys(each for each in targets if each not in order))
    numbers = {state: number for number, state in enumerate(order)}
    return json.dumps(
        {
            "rules": [[r.origin.name, len(r.expansion), r.alias or ""] for r in rules],
            "states": [
                {
                    name: numbers[arg] + 1 if action is Shift else -(rules[arg] + 1)
                    for name, (action, arg) in sorted(actions.items())
                    if not (action is not Shift and arg.origin.name.startswith("$"))
                }
                for actions in map(table.states.__getitem__, order)
            ],
            "last": numbers[table.end_states["expr"]],
        },
        separators=(",", ":"),
    )


def main() -> int:
    """Write the tables, or tell whether they are as the grammar has them."""
    made, path = tables() + "\n", LANGUAGE / "grammar.json"
    if sys.argv[1:] == ["--check"]:
        return int(made != path.read_text(encoding="utf-8"))
    path.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
