"""The forms that look like calls and bind a name or ask about a field, for the reference.

They are no functions: their arguments are not values. The grammar knows them; see ``Quantifier``
and ``Has``. Source: the macros of the CEL language definition (github.com/google/cel-spec), with
the truth of Kleene where something is unknown; ``only`` is ours.
"""

from typing import Final

from assaybook.domain.record import record


@record
class Macro:
    """One form.

    Attributes:
        name: as it is written.
        forms: the ways to write it.
        result: what it yields, in words.
        doc: what it means, one sentence.
        unknown: what doubtful rows and fields do to it.
        examples: expressions that the reference shows with what they yield.
    """

    name: str
    forms: tuple[str, ...]
    result: str
    doc: str
    unknown: str
    examples: tuple[str, ...]


MACROS: Final = (
    Macro(
        "all",
        ("list.all(x, condition)",),
        "true or false",
        "whether the condition holds for every element",
        "A row that is only possibly in the list counts as (not in it, or the condition holds). "
        "One element for which it is false decides. Over an empty list it is unknown(empty), "
        "unless the list is written out, or is a need that is proven empty, or chosen of one.",
        ("[0.9, 0.8].all(x, x != 0.85)", "[0.9, 0.7].all(x, x >= 0.8)"),
    ),
    Macro(
        "exists",
        ("list.exists(x, condition)",),
        "true or false",
        "whether the condition holds for at least one element",
        "A row that is only possibly in the list counts as (in it, and the condition holds). "
        "One element for which it is true decides. An open list that shows none is unknown.",
        ('["low", "high"].exists(x, x == "high")',),
    ),
    Macro(
        "filter",
        ("list.filter(x, condition)",),
        "a list",
        "the elements for which the condition holds",
        "A row for which the condition is unknown stays as a possible row.",
        ("[1, 5, 9].filter(x, x > 3)",),
    ),
    Macro(
        "map",
        ("list.map(x, value)", "list.map(x, condition, value)"),
        "a list",
        "the value of each element, in the second form of those for which the condition holds",
        "Calculations over a list with possible elements are unknown.",
        ("[1, 5, 9].map(x, x * 2)", "[1, 5, 9].map(x, x > 3, x * 2)"),
    ),
    Macro(
        "only",
        ("only(list, x, condition)",),
        "an element",
        "the one element for which the condition holds",
        "None is unknown(missing), several are unknown(conflict).",
        ("only([1, 5, 9], x, x > 7)",),
    ),
    Macro(
        "has",
        ("has(row.field)",),
        "true or false",
        "whether a field has a value",
        "Of a row that is uncertain itself it is unknown. It is refused where null would help a "
        "pass.",
        (),
    ),
)
