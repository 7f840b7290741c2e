"""Files that somebody wrote to stop, exhaust or deceive the reader, each with what meets it."""

from collections.abc import Callable, Mapping

from assaybook.domain.errors import AuthorError
from assaybook.domain.values import Bag, Member, Unknown, Value
from assaybook.evaluation.closures import compile_expression
from assaybook.evaluation.trace import Trace
from assaybook.language.cases import load_cases
from assaybook.language.document_problems import problems_of
from assaybook.language.overlay import load_overlay
from assaybook.language.parser import parse
from assaybook.language.source import read_source
from assaybook.language.waiver_file import load_waivers
from support.policies import SOUND, policy, source

OVERLAY = "overlay: a\nset:\n  - {policy: demo.recall, params: {floor: 0.9}}\n"
WAIVER = """\
waivers:
  - id: W-1
    policy: demo.recall
    rule: floor
    system: triage
    whole: true
    reason: It is fine.
    requester: ada
    approver: ADA
    approved_at: "2026-11-01T00:00:00Z"
    expires: "2027-01-01T00:00:00Z"
"""
CASES = """\
policy: demo.recall
defaults: {as_of: "2026-11-20T00:00:00Z", evidence: {type: metric, age: 1d}}
tables:
"""
TABLE = """\
  - name: table %d
    case: {evidence: [{facts: [%s]}]}
    columns: {value: evidence.0.facts.0.value}
    expect: [floor]
    rows:
"""
_NUMBERS = Bag(tuple(Member(number) for number in range(1000)))


def _refusal(read: Callable[[], object]) -> Callable[[], str]:
    """Return an act that gives the codes with which something is refused."""

    def act() -> str:
        try:
            read()
        except AuthorError as error:
            return " ".join(sorted({each.code for each in problems_of(error)}))
        return "taken"

    return act


def _rule(condition: str) -> Callable[[], object]:
    return lambda: policy(SOUND.replace("row.value >= params.floor", condition))


def _overlay(text: str) -> Callable[[], object]:
    known = policy()
    return lambda: load_overlay(source(text), policies=[known])


def _tables(tables: int, rows: int, facts: int) -> Callable[[], object]:
    """Return what reads so many tables, with so many rows and facts in each."""
    fact = "{name: recall, split: holdout, n: 200, slice: s%d}"
    table = TABLE.replace("[%s]", "[" + ", ".join(fact % number for number in range(facts)) + "]")
    every = "".join(f"      - [{number / 1000}, pass]\n" for number in range(rows))
    text = CASES + "".join(f"{table % number}{every}" for number in range(tables))
    return lambda: load_cases(source(text), policy())


def _documents(cases: int, documents: int) -> Callable[[], object]:
    """Return what reads so many cases, with so many faulty documents in each."""
    case = "  - {name: case %d, expect: {floor: pass}, evidence: [%s]}\n"
    every = ", ".join(["{age: 2d}"] * documents)
    text = CASES.replace("tables", "cases") + "".join(case % (n, every) for n in range(cases))
    return lambda: load_cases(source(text), policy())


def _judged(text: str, **names: Value) -> Callable[[], str]:
    def act() -> str:
        value = compile_expression(parse(text)).judge(names, Trace())
        return value.reasons[0].code if isinstance(value, Unknown) else str(value)

    return act


def hostile() -> Mapping[str, Callable[[], str]]:
    """Return acts by name; each gives the codes, or the value, that it comes to."""
    deep = "[" * 2_000 + "]" * 2_000
    nested = "(" * 4_000 + "1" + ")" * 4_000
    return {
        "a file of a million bytes and one": _refusal(
            lambda: read_source(b"a: " + b"x" * 1_000_000, "x.yaml")
        ),
        "values nested two thousand deep": _refusal(lambda: source(f"a: {deep}")),
        "half a million small values": _refusal(lambda: source("[" + "1," * 400_000 + "]")),
        "aliases that stand for a billion values": _refusal(
            lambda: source("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n")
        ),
        "a mapping that contains itself": _refusal(lambda: source("&a {b: *a}")),
        "brackets four thousand deep": _refusal(lambda: parse(nested)),
        "negations sixty-five deep": _refusal(lambda: parse("!" * 65 + "true")),
        "an expression of many thousand parts": _refusal(lambda: parse("1" + "+1" * 9_000)),
        "four lists inside one another": _refusal(
            _rule(
                "recall.all(a, recall.all(b, recall.all(c, recall.all(d, "
                "a.n + b.n + c.n + d.n > 0)))) && row.value >= params.floor"
            )
        ),
        "a thousand million steps": _judged(
            "xs.all(a, xs.all(b, xs.all(c, a + b + c >= 0)))", xs=_NUMBERS
        ),
        "a regular expression that backtracks elsewhere": _judged(
            't.matches("^(a+)+$")', t="a" * 5_000 + "b"
        ),
        "a regular expression that explodes": _refusal(
            _rule('row.slice.matches("((a{1,100}){1,100}){1,100}")')
        ),
        "a look-ahead": _refusal(_rule('row.slice.matches("(?=a)a")')),
        "an id in letters that look like others": _refusal(
            lambda: policy(SOUND.replace("demo.recall", "demo.r\u0435call"))
        ),
        "a param in letters that look like others": _refusal(
            lambda: policy(SOUND.replace("floor:", "fl\u043eor:"))
        ),
        "text that turns the direction of writing": _refusal(
            lambda: source("title: 'good \u202e dab'")
        ),
        "an overlay that takes in itself": _refusal(_overlay(f"&a\n{OVERLAY}extends: *a\n")),
        "an overlay that extends another": _refusal(_overlay(f"{OVERLAY}extends: [a]\n")),
        "an overlay with a value beyond all bounds": _refusal(
            _overlay(OVERLAY.replace("0.9", "1.5"))
        ),
        "an overlay with a number too large to be one": _refusal(
            _overlay(OVERLAY.replace("0.9", "1e999"))
        ),
        "a waiver that its requester approves, in capitals": _refusal(
            lambda: load_waivers(source(WAIVER))
        ),
        "a waiver that expires before it starts": _refusal(
            lambda: load_waivers(
                source(WAIVER.replace("approver: ADA", 'starts: "2028-01-01T00:00:00Z"'))
            )
        ),
        "a waiver without an end": _refusal(
            lambda: load_waivers(source(WAIVER.rpartition("    expires")[0]))
        ),
        "a waiver for ever": _refusal(
            lambda: load_waivers(source(WAIVER.replace("2027-01-01", "9999-12-31")))
        ),
        "as many rows of cases as are read": _refusal(_tables(2, 140, 1)),
        "more rows of cases than are read": _refusal(_tables(20, 200, 1)),
        "cases as large as are read": _refusal(_tables(1, 20, 90)),
        "cases with thousands of documents": _refusal(_documents(10, 600)),
        "as many documents without anything in them as are read": _refusal(_documents(20, 25)),
        "a duration of more years than there are": _refusal(
            lambda: policy(SOUND.replace("90d", "99999999999d"))
        ),
    }
