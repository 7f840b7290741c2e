"""Two back ends, one truth; and what less evidence can never do."""

from random import Random
from typing import Final

from hypothesis import event, given, settings
from hypothesis import strategies as st

from assaybook.domain.errors import AuthorError
from assaybook.domain.expression import Call, Expression, Node
from assaybook.domain.functions import FUNCTIONS
from assaybook.domain.values import Bag, Unknown, Value
from assaybook.evaluation.budget import Budget
from assaybook.evaluation.closures import compile_node
from assaybook.evaluation.interpret import interpret
from assaybook.evaluation.trace import Trace, build
from assaybook.language.checker import check
from assaybook.language.parser import parse
from assaybook.language.text import walk
from support.expressions import environments, less_known, trees, with_ghost
from support.policy_parts import ENVIRONMENT
from support.typed_expressions import Writer, a_document

MANY: Final = max(300, settings().max_examples)
WANTED: Final = st.sampled_from(["bool", "number", "text", "rows", "numbers", "texts"])


def _same(left: Value, right: Value) -> bool:
    """Compare by what can be seen, so that 1, 1.0 and true, or two rows, are not mixed up."""
    return repr(left) == repr(right)


@settings(max_examples=MANY)
@given(WANTED.flatmap(trees), environments)
def test_the_quick_back_end_agrees_with_the_reference_in_values_unknowns_and_reasons(
    tree: Node, env: dict[str, Value]
) -> None:
    expected = interpret(tree, env)
    event(type(expected).__name__)
    assert _same(compile_node(tree).judge(env, Trace()), expected)


def test_the_back_ends_agree_over_typed_expressions_in_which_every_function_comes_up() -> None:
    random = Random(7)  # noqa: S311 - the same expressions in each run
    writer = Writer(random)
    documents = [a_document(random) for _ in range(12)]
    called: set[str] = set()
    for number in range(600):
        text = writer.of(("bool", "int", "double", "string")[number % 4], number % 4 + 1)
        try:
            node = check(parse(text), ENVIRONMENT).node
        except AuthorError:
            continue
        called |= {one.function for one in walk(node) if isinstance(one, Call)}
        names = documents[number % len(documents)]
        assert _same(compile_node(node).judge(names, Trace()), interpret(node, names)), text
    assert called == FUNCTIONS.keys()


@given(trees(), environments, st.integers(1, 200))
def test_both_back_ends_run_out_of_steps_at_the_same_point(
    tree: Node, env: dict[str, Value], steps: int
) -> None:
    budget, trace = Budget(steps), Trace(steps)
    expected = interpret(tree, env, budget)
    assert _same(compile_node(tree).judge(env, trace), expected)
    assert trace.left == budget.left


@settings(max_examples=MANY)
@given(st.data(), trees(), environments)
def test_less_evidence_never_turns_a_fail_into_a_pass_nor_a_pass_into_a_fail(
    data: st.DataObject, tree: Node, env: dict[str, Value]
) -> None:
    before = interpret(tree, env)
    after = interpret(tree, data.draw(less_known(env)))
    event(f"{type(before).__name__} to {type(after).__name__}")
    if isinstance(before, bool):
        assert after is before or isinstance(after, Unknown)


@given(trees(), environments)
def test_an_open_list_never_makes_a_pass_of_what_was_none(
    tree: Node, env: dict[str, Value]
) -> None:
    closed = interpret(tree, env)
    opened: dict[str, Value] = {
        key: with_ghost(value) if isinstance(value, Bag) and value.ghost is None else value
        for key, value in env.items()
    }
    result = interpret(tree, opened)
    assert result is not True or closed is True
    if isinstance(closed, bool):
        assert result is closed or isinstance(result, Unknown)


@given(trees(), environments)
def test_the_trace_tells_the_same_truth_without_judging_again(
    tree: Node, env: dict[str, Value]
) -> None:
    compiled, trace = compile_node(tree), Trace()
    value = compiled.judge(env, trace)
    line = build(Expression("", tree), compiled.site, trace)
    if isinstance(value, bool):
        assert line.truth == ("T" if value else "F")
    if isinstance(value, Unknown):
        assert [(one.code, one.path) for one in line.reasons] == [
            (one.code, one.path) for one in value.reasons
        ]
    assert line.model_dump_json()
