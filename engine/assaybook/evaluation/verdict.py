"""One rule over its rows: three truth values, no vacuous truth, no fail hidden."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from assaybook.domain.finding import LeftOut, TraceNode
from assaybook.domain.policy import Rule
from assaybook.domain.record import record
from assaybook.domain.values import (
    Bag,
    Pointer,
    Row,
    Unknown,
    Value,
    ghost_row,
    joined,
    unknown,
)
from assaybook.evaluation.messages import filled
from assaybook.evaluation.rows import key_of
from assaybook.evaluation.run import run, traced, truth

Truth = bool | Unknown


@record
class RowVerdict:
    """The truth of one row; ``possible`` where the row is only possibly in the list."""

    key: str
    truth: Truth
    possible: bool = False
    ghost: bool = False
    message: str = ""
    trace: TraceNode | None = None
    pointers: tuple[Pointer, ...] = ()


@record
class Verdict:
    """The truth of a rule, its rows, and what was seen on the way.

    ``proven`` and ``at_least`` are kept so that a waiver can judge the rest again. ``left_out``
    and ``expires_at`` are of rules that ask persons; for others their needs know.
    """

    truth: Truth
    rows: tuple[RowVerdict, ...] = ()
    trace: TraceNode | None = None
    message: str = ""
    proven: bool = False
    at_least: int | Unknown = 1
    open: Unknown | None = None
    left_out: tuple[LeftOut, ...] = ()
    expires_at: datetime | None = None


def judge(rule: Rule, env: Mapping[str, Value], unless: Callable[[], str] = lambda: "") -> Verdict:
    """Judge a rule that asks evidence.

    Args:
        rule: with its conditions typed.
        env: its needs, params and subject.
        unless: gives what the rule calls enough, in English; asked where something is not.
    """
    names = dict(env)
    for name, expression in rule.lets:
        names[name] = run(expression, names)
    if rule.for_each is not None:
        return _each(rule, names, unless)
    held, trace = _body(rule, names, unless)
    message = filled(rule.message, names) if held is False else ""
    return Verdict(held, trace=trace, message=message)


def _body(
    rule: Rule, env: Mapping[str, Value], unless: Callable[[], str]
) -> tuple[Truth, TraceNode | None]:
    """Return the truth of ``pass_when`` where there is enough to say it."""
    if rule.enough is not None:
        enough = truth(rule.enough, env)
        if enough is False:
            return unknown("too_few", rule.id, f"undecided unless {unless()}"), None
        if isinstance(enough, Unknown):
            return enough, None
    if rule.pass_when is None:
        return unknown("missing", rule.id, "the rule has no condition"), None
    return traced(rule.pass_when, env)


def _each(rule: Rule, env: Mapping[str, Value], unless: Callable[[], str]) -> Verdict:
    over = run(rule.for_each, env) if rule.for_each else None
    if not isinstance(over, Bag):
        why = over if isinstance(over, Unknown) else unknown("error:no_overload", rule.id)
        return Verdict(why)
    proven = over.proven and not over.members
    least = run(rule.at_least, env) if rule.at_least is not None else int(not proven)
    if isinstance(least, bool) or not isinstance(least, (int, Unknown)):
        least = unknown("error:no_overload", rule.id)
    rows: list[RowVerdict] = []
    for member in over.members:
        row = _row(rule, env, member.value, member.doubt, unless)
        if row is not None:
            rows.append(row)
    if over.ghost is not None:
        ghost = _row(rule, env, ghost_row(over), over.ghost, unless)
        if ghost is not None:
            rows.append(ghost)
    rows.sort(key=lambda one: (one.ghost, one.key))
    return folded(rows, proven=proven, at_least=least, open_=over.ghost)


def _row(
    rule: Rule,
    env: Mapping[str, Value],
    value: Value,
    doubt: Unknown | None,
    unless: Callable[[], str],
) -> RowVerdict | None:
    """Judge one row, or return None where ``where`` is sure to leave it out."""
    names = {**env, "row": value}
    doubts = [doubt] if doubt is not None else []
    if rule.where is not None:
        match = truth(rule.where, names)
        if match is False:
            return None
        if isinstance(match, Unknown):
            doubts.append(match)
    held, trace = _body(rule, names, unless)
    if doubts and held is not True:
        held = joined([*doubts, *([held] if isinstance(held, Unknown) else [])])
    row = value if isinstance(value, Row) else None
    return RowVerdict(
        key=key_of(row) if row else str(value),
        truth=held,
        possible=bool(doubts),
        ghost=row is not None and row.ghost is not None,
        message=filled(rule.message, names) if held is False else "",
        trace=trace,
        pointers=row.pointers if row else (),
    )


def folded(
    rows: Sequence[RowVerdict], *, proven: bool, at_least: int | Unknown, open_: Unknown | None
) -> Verdict:
    """Return the verdict over rows: a sure false decides; nothing sure proves nothing."""
    held = _held(rows, at_least, open_, proven=proven)
    return Verdict(held, tuple(rows), proven=proven, at_least=at_least, open=open_)


def _held(
    rows: Sequence[RowVerdict], at_least: int | Unknown, open_: Unknown | None, *, proven: bool
) -> Truth:
    if any(row.truth is False for row in rows):
        return False
    unknowns = [row.truth for row in rows if isinstance(row.truth, Unknown)]
    if isinstance(at_least, Unknown):
        return joined([*unknowns, at_least])
    least = max(at_least, int(not proven))
    sure = sum(not row.possible for row in rows)
    if sure >= least:
        return joined(unknowns) if unknowns else True
    if open_ is not None:
        unknowns.append(open_)
    if sure or not unknowns:
        code = "too_few" if sure else "empty"
        unknowns.append(unknown(code, "rows", f"{sure} of at least {least} rows"))
    return joined(unknowns)


def without(verdict: Verdict, waived: frozenset[str]) -> Verdict:
    """Judge again as if the waived rows held: the rest decides, and its gaps stay.

    Only a row that is known to fail can be taken out.
    """
    rows = [
        RowVerdict(row.key, True, row.possible, row.ghost)
        if row.truth is False and row.key in waived
        else row
        for row in verdict.rows
    ]
    return folded(rows, proven=verdict.proven, at_least=verdict.at_least, open_=verdict.open)
