"""Makers of the closures that make, search and judge lists, and of calls."""

from collections.abc import Callable
from typing import Final

from assaybook.domain.expression import (
    Call,
    In,
    ListOf,
    Literal_,
    MapOf,
    Node,
    Quantifier,
)
from assaybook.domain.record import record
from assaybook.domain.values import Bag, Unknown, Value
from assaybook.evaluation import operators_lists as lists
from assaybook.evaluation.budget import Budget, row_cost
from assaybook.evaluation.closures_layout import Env, Layout, Made, Makers, Run
from assaybook.evaluation.functions import AS_OF, callee_of, reads_the_instant
from assaybook.evaluation.operators_access import (
    contains,
    map_from,
    unbound,
)
from assaybook.evaluation.trace import (
    FIRST_SLOT,
    ROWS_KEPT,
    ROWS_KEPT_DEEPER,
    UNSEEN,
    Frame,
    Site,
)

_CONSTANT: Final = frozenset({"duration", "timestamp"})


def _in(node: In, layout: Layout) -> Made:
    item, item_site = layout.made(node.item)
    container, container_site = layout.made(node.container)
    slot = layout.place()

    def run(env: Env, frame: Frame) -> Value:
        one = item(env, frame)
        several = container(env, frame)
        budget: Budget = frame[0]
        found: bool | Unknown | None = None
        if type(one) is str and type(several) is Bag:
            found = lists.has_text(several, one, budget)
        if found is None:
            found = contains(one, several, budget)
        frame[slot] = found
        return found

    return run, Site(node, slot, (item_site, container_site))


def _list(node: ListOf, layout: Layout) -> Made:
    built = [layout.made(item) for item in node.items]
    if all(isinstance(item, Literal_) for item in node.items):
        return kept_value(node, layout, lists.list_of([site.node.value for _, site in built]))  # type: ignore[union-attr]
    runs, slot = tuple(run for run, _ in built), layout.place()

    def run(env: Env, frame: Frame) -> Value:
        frame[slot] = value = lists.list_of([item(env, frame) for item in runs])
        return value

    return run, Site(node, slot, tuple(site for _, site in built))


def _map(node: MapOf, layout: Layout) -> Made:
    built = [(layout.made(key), layout.made(value)) for key, value in node.entries]
    runs, slot = tuple((key[0], value[0]) for key, value in built), layout.place()

    def run(env: Env, frame: Frame) -> Value:
        frame[slot] = table = map_from(
            [(key(env, frame), value(env, frame)) for key, value in runs]
        )
        return table

    return run, Site(node, slot, tuple(part[1] for entry in built for part in entry))


def _call(node: Call, layout: Layout) -> Made:
    timed = reads_the_instant(node.function)
    callee = callee_of(node.function, len(node.args) + timed)
    if isinstance(callee, Unknown):
        return kept_value(node, layout, callee)
    if node.function in _CONSTANT and isinstance(node.args[0], Literal_):
        return kept_value(node, layout, callee.body([node.args[0].value], Budget()))
    built = [layout.made(arg) for arg in node.args]
    runs, slot, body = tuple(run for run, _ in built), layout.place(), callee.body

    def run(env: Env, frame: Frame) -> Value:
        args = [arg(env, frame) for arg in runs]
        if timed:
            args.insert(0, env[AS_OF] if AS_OF in env else unbound(AS_OF))
        frame[slot] = value = body(args, frame[0])
        return value

    return run, Site(node, slot, tuple(site for _, site in built))


def kept_value(node: Node, layout: Layout, value: Value) -> Made:
    """Make the closure of a node whose value is known when it is compiled."""
    slot = layout.place()

    def run(_env: Env, frame: Frame) -> Value:
        frame[slot] = value
        return value

    return run, Site(node, slot)


@record
class _Rows:
    """What is judged for each row: each has a frame, of which the first and the last are kept."""

    run: Run
    site: Site
    variable: str
    place: int
    empty: tuple[object, ...]
    most: int
    outermost: bool

    def bind(self, env: Env, frame: Frame) -> lists.Judge:
        """Return the judge of one row after another, in an environment of their own."""
        own, trace, run, variable = dict(env), frame[0], self.run, self.variable
        empty, most = self.empty, self.most
        kept: list[Frame] = []
        frame[self.place] = kept

        def judge(value: Value) -> Value:
            own[variable] = value
            row: Frame = [trace, value, *empty]
            if len(kept) < most:
                kept.append(row)
            else:
                kept[-1] = row
            return run(own, row)

        return judge

    def mapped(self, bag: Bag, env: Env, frame: Frame) -> Value:
        """Return what a list without uncertainty is mapped to; None where rows are many."""
        if len(bag.members) > self.most:
            return None
        chosen = lists.certain(bag)
        if isinstance(chosen, Unknown):
            return chosen
        own, trace, run, variable, empty = dict(env), frame[0], self.run, self.variable, self.empty
        kept: list[Frame] = []
        frame[self.place] = kept
        values: list[Value] = []
        for value in chosen:
            own[variable] = value
            row: Frame = [trace, value, *empty]
            kept.append(row)
            values.append(run(own, row))
        return lists.mapped(bag, values)

    def quick(self, *, deciding: bool) -> Callable[[Bag, Env, Frame], bool | None]:
        """Return what judges sure rows with plain verdicts; it gives None for anything else."""
        run, variable, place = self.run, self.variable, self.place
        empty, most, neutral = self.empty, self.most, not deciding
        may_go_on = self.outermost and not deciding

        def judge_all(bag: Bag, env: Env, frame: Frame) -> bool | None:
            if bag.ghost is not None or not 0 < len(bag.members) <= most:
                return None
            own, trace = dict(env), frame[0]
            left, goes_on, decided = trace.left, may_go_on and trace.whole, False
            kept: list[Frame] = []
            frame[place] = kept
            for member in bag.members:
                own[variable] = value = member.value
                row: Frame = [trace, value, *empty]
                kept.append(row)
                verdict = run(own, row)
                if decided:
                    continue
                if member.doubt is not None or (verdict is not neutral and verdict is not deciding):
                    trace.left = left
                    return None
                if verdict is deciding:
                    if not goes_on:
                        return deciding
                    decided = True
            return deciding if decided else neutral

        return judge_all


def _judge_of(node: Node, variable: str, layout: Layout) -> _Rows:
    inner = layout.inner()
    run, site = inner.made(node)
    empty = (UNSEEN,) * (inner.size - FIRST_SLOT)
    most = ROWS_KEPT_DEEPER if layout.depth else ROWS_KEPT
    return _Rows(run, site, variable, layout.place(), empty, most, not layout.depth)


def _quantifier(node: Quantifier, layout: Layout) -> Made:
    over, over_site = layout.made(node.over)
    rows_of = _judge_of(node.body, node.variable, layout)
    bodies = [(rows_of.site, rows_of.place)]
    test = None if node.test is None else _judge_of(node.test, node.variable, layout)
    if test is not None:
        bodies.insert(0, (test.site, test.place))
    slot, cost, kind = layout.place(), row_cost(node), node.kind
    quantify = lists.QUANTIFIERS.get(kind)
    quick: Callable[[Bag, Env, Frame], Value] | None = None
    if kind in {"all", "exists"}:
        quick = rows_of.quick(deciding=kind == "exists")
    elif kind == "map" and test is None:
        quick = rows_of.mapped

    def run(env: Env, frame: Frame) -> Value:
        rows = lists.as_list(over(env, frame), kind)
        value: Value
        if isinstance(rows, Unknown):
            value = rows
        else:
            frame[0].spend((len(rows.members) + (rows.ghost is not None)) * cost)
            value = None if quick is None else quick(rows, env, frame)
            if value is None:
                judge = rows_of.bind(env, frame)
                if quantify is None:
                    wanted = None if test is None else test.bind(env, frame)
                    value = lists.map_of(rows, wanted, judge)
                else:
                    value = quantify(rows, judge)
        frame[slot] = value
        return value

    return run, Site(node, slot, (over_site,), tuple(bodies))


LISTS: Final[Makers] = {
    In: _in,
    ListOf: _list,
    MapOf: _map,
    Call: _call,
    Quantifier: _quantifier,
}
