"""Write engine/assaybook/domain/fact_table.py: what the models of facts say of their columns.

A lint asks for columns, types and ranges alone, and the models took a tenth of its time to load.
``--check`` compares instead of writing and exits 1 where they differ.
"""

import subprocess
import sys
import types
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import AwareDatetime

from assaybook.domain.fact_types import CARRIED, column_name
from assaybook.domain.facts import MODELS, Unit
from assaybook.domain.types import ScalarName, ScalarType

TABLE: Final = Path(__file__).resolve().parents[1] / "engine/assaybook/domain/fact_table.py"
HEAD: Final = '''\
"""What the models of facts say of their columns; made by tools/make_fact_table.py."""

from typing import Final, TypeAlias

from assaybook.domain.types import ScalarType

_Words: TypeAlias = tuple[str, ...]
TABLE: Final[
    tuple[tuple[str, _Words, _Words, str, tuple[tuple[str, ScalarType], ...]], ...]
] = (
'''
TAIL: Final = '''\
"""Name, key, values, column of the question, columns with their types."""
'''
_SCALARS: Final[dict[object, ScalarName]] = {
    bool: "bool",
    int: "int",
    float: "double",
    str: "string",
    datetime: "timestamp",
    AwareDatetime: "timestamp",
}


def _scalar(annotation: object, metadata: tuple[object, ...]) -> ScalarType:
    nullable, unit = False, ""
    words: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    pending: list[tuple[object, tuple[object, ...]]] = [(annotation, metadata)]
    base: ScalarName = "string"
    while pending:
        kind, marks = pending.pop()
        for mark in (inner for item in marks for inner in _marks(item)):
            unit = mark.name if isinstance(mark, Unit) else unit
            low = float(str(mark.ge)) if isinstance(mark, Ge) else low
            high = float(str(mark.le)) if isinstance(mark, Le) else high
        if get_origin(kind) is Annotated:
            inner, *more = get_args(kind)
            pending.append((inner, tuple(more)))
        elif get_origin(kind) in (Union, types.UnionType):
            pending.extend((part, ()) for part in get_args(kind))
        elif get_origin(kind) is Literal:
            words = tuple(str(word) for word in get_args(kind))
        elif kind is type(None):
            nullable = True
        else:
            base = _SCALARS[kind]
    return ScalarType(base, unit, low, high, words, nullable)


def _marks(item: object) -> tuple[object, ...]:
    inner: Any = getattr(item, "metadata", None)
    return (item,) if inner is None else (item, *inner)


def _written(kind: ScalarType) -> str:
    """Return the type as code, without what is so by default."""
    plain = ScalarType(kind.name)
    names = ("unit", "low", "high", "words", "nullable")
    said = [
        f"{one}={getattr(kind, one)!r}"
        for one in names
        if getattr(kind, one) != getattr(plain, one)
    ]
    return f"ScalarType({', '.join([repr(kind.name), *said])})"


def _rows() -> Iterator[str]:
    for name, model in MODELS.items():
        fields = [
            f"({column_name(field)!r}, {_written(_scalar(info.annotation, tuple(info.metadata)))})"
            for field, info in model.model_fields.items()
            if field not in CARRIED
        ]
        head = (name, model.key, model.values, column_name(model.question))
        yield f"({', '.join(map(repr, head))}, ({', '.join(fields)},)),\n"


def table() -> str:
    """Return the table as a module."""
    text = f"{HEAD}{''.join(_rows())})\n{TAIL}"
    ruff = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(TABLE), "-"]
    return subprocess.run(ruff, input=text, capture_output=True, check=True, text=True).stdout


def main() -> int:
    """Write the table, or tell whether it is as the models have it."""
    made = table()
    if sys.argv[1:] == ["--check"]:
        return int(made != TABLE.read_text(encoding="utf-8"))
    TABLE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
