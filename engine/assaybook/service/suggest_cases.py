"""Cases that nobody wrote yet: at each boundary, just off it, missing, stale.

Each is made from a case of the policy's own in which everything passes, with one thing changed, and
says what the policy comes to now. Whether that is right is for a person to decide.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import timedelta
from typing import Final, cast

from pydantic import JsonValue

from assaybook.domain.errors import AuthorError
from assaybook.domain.expression import Compare, Literal_, Name, Node, Select, param_named
from assaybook.domain.finding import Finding, Outcome
from assaybook.domain.policy import Param, Policy, Rule
from assaybook.language.cases import load_cases
from assaybook.language.cases_table import written_rows
from assaybook.language.durations import read_duration, written_duration
from assaybook.language.library import CASES
from assaybook.language.source import read_file, source_of
from assaybook.language.text import walk
from assaybook.service.run_cases import Suite, judge_case

Case = dict[str, JsonValue]

_STEP: Final = 0.01
_DAY: Final = timedelta(days=1)


def suggested_cases(suite: Suite) -> tuple[Case, ...]:
    """Return cases as a cases file has them; none where no case of the policy passes in full.

    Raises:
        AssayError: the cases cannot be read or judged.
    """
    written = _written(suite)
    base = next((one for one in _cases(written) if _passes(one)), None)
    if base is None:
        return ()
    found: list[Case] = []
    for case in _changed(suite.policy, base):
        judged = _judged(suite, written, case)
        if judged is not None:
            found.append(judged)
    return tuple(found)


def _written(suite: Suite) -> dict[str, JsonValue]:
    """Return the cases file of a policy as plain values; empty where there is none.

    The rows of tables stand among the cases.
    """
    name = suite.file.rpartition("/")[2].rpartition(".")[0] + CASES
    file = suite.folder.joinpath(name)
    if not file.is_file():
        return {}
    written = read_file(file, name).values()
    cases: list[JsonValue] = [*_cases(written), *written_rows(written)]
    return {**{key: value for key, value in written.items() if key != "tables"}, "cases": cases}


def _cases(written: Mapping[str, JsonValue]) -> list[Case]:
    listed = written.get("cases")
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _passes(case: Case) -> bool:
    expected = case.get("expect")
    outcomes = expected.values() if isinstance(expected, dict) else ()
    words = [one.get("outcome") if isinstance(one, dict) else one for one in outcomes]
    return bool(words) and set(words) == {"pass"}


def _changed(policy: Policy, base: Case) -> Iterator[Case]:
    """Yield the base case with one thing changed, named after it."""
    for field, limit in dict.fromkeys(_limits(policy, base)):
        step = 1 if isinstance(limit, int) else _STEP
        for word, value in (
            ("exactly", limit),
            ("just under", round(limit - step, 12)),
            ("just over", round(limit + step, 12)),
        ):
            yield from _with_field(base, field, value, f"{field} {word} {limit}")
    yield from _aged(policy, base)
    gone = {key: value for key, value in base.items() if key not in ("evidence", "attestations")}
    yield {**gone, "name": "nothing was submitted"}


def _limits(policy: Policy, base: Case) -> Iterator[tuple[str, int | float]]:
    """Yield each field of a row that is compared with a number, and the number."""
    params = {name: _value(param, base) for name, param in policy.params.items()}
    for rule in policy.rules:
        for node in _nodes(rule):
            if isinstance(node, Compare):
                for side, other in ((node.left, node.right), (node.right, node.left)):
                    field, limit = _field(side), _number(other, params)
                    if field is not None and limit is not None:
                        yield field, limit


def _nodes(rule: Rule) -> Iterator[Node]:
    lets = [expression for _, expression in rule.lets]
    for expression in (*lets, rule.where, rule.enough, rule.pass_when):
        if expression is not None:
            yield from walk(expression.node)


def _field(node: Node) -> str | None:
    """Return the field of a row that stands somewhere in a node, alone or in a function."""
    for one in walk(node):
        if isinstance(one, Select) and isinstance(one.operand, Name):
            return None if one.operand.name in {"params", "system", "release"} else one.field
    return None


def _number(node: Node, params: Mapping[str, object]) -> int | float | None:
    value: object = node.value if isinstance(node, Literal_) else None
    if name := param_named(node):
        value = params.get(name)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _value(param: Param, base: Case) -> object:
    own = base.get("params")
    return own.get(param.name, param.value) if isinstance(own, dict) else param.value


def _with_field(base: Case, field: str, value: float, name: str) -> Iterator[Case]:
    """Yield the base with a field of its first fact that has it set to a value, if there is one."""
    case: Case = {**deepcopy(base), "name": name}
    for document in _documents(case):
        facts = document.get("facts")
        for fact in facts if isinstance(facts, list) else []:
            if isinstance(fact, dict) and field in fact:
                fact[field] = value
                yield case
                return


def _aged(policy: Policy, base: Case) -> Iterator[Case]:
    """Yield the base with documents as old as a need allows, and a day older."""
    asked = [need.fresh_for.text for need in policy.needs.values() if need.fresh_for]
    for age in sorted({age for text in asked for age in _ages(policy, text)}):
        for word, value in (("exactly", age), ("a day over", age + _DAY)):
            case: Case = {**deepcopy(base), "name": f"evidence {word} {written_duration(age)} old"}
            for document in _documents(case):
                document["age"] = written_duration(value)
            if _documents(case):
                yield case


def _ages(policy: Policy, text: str) -> Iterator[timedelta]:
    param = policy.params.get(text.removeprefix("params."))
    value = param.value if param is not None else read_duration(text)
    if isinstance(value, timedelta):
        yield value


def _documents(case: Case) -> list[dict[str, JsonValue]]:
    listed = case.get("evidence")
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _judged(suite: Suite, written: Mapping[str, JsonValue], case: Case) -> Case | None:
    """Return a case with what the policy comes to now; None where no such facts can be."""
    asked = {rule.id: "pass" for rule in suite.policy.rules}
    whole = cast("dict[str, JsonValue]", {**written, "cases": [{**case, "expect": asked}]})
    try:
        (loaded,) = load_cases(source_of(whole, suite.file), suite.policy).cases
    except AuthorError:
        return None
    found = judge_case(suite.policy, loaded, suite.folder)
    return {**case, "expect": {one.rule: _expected(one) for one in found.findings}}


def _expected(finding: Finding) -> JsonValue:
    if finding.outcome is not Outcome.INCONCLUSIVE:
        return finding.outcome.value
    codes = list(dict.fromkeys(one.code for one in finding.reasons))
    return {"outcome": finding.outcome.value, "reasons": cast("list[JsonValue]", codes)}
