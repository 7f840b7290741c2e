"""Write the pages of docs/reference from what they describe; with --check, only compare."""

import argparse
import inspect
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
PAGES: Final = ROOT / "docs" / "reference"
MADE: Final = "<!-- Written by `make docs`; edit what it describes. -->"


def page(title: str, *blocks: str) -> str:
    """Return a Markdown page."""
    return "\n\n".join((f"# {title}", MADE, *(block for block in blocks if block))) + "\n"


def table(headings: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    """Return a Markdown table; a bar inside a cell is escaped."""
    lines = [headings, tuple("---" for _ in headings), *rows]
    return "\n".join(
        "| " + " | ".join(c.replace("|", "\\|").replace("\n", " ") for c in line) + " |"
        for line in lines
    )


def facts_page() -> str:
    """Describe the columns of every fact type."""
    from assaybook.domain.fact_types import FACT_TYPES, FactType
    from assaybook.domain.types import ScalarType

    def rows(kind: FactType) -> Iterator[tuple[str, ...]]:
        for name, column in kind.record.fields:
            if not isinstance(column, ScalarType):
                continue
            role = "key" if name in kind.key else "value" if name in kind.values else ""
            least = "" if column.low is None else f"{column.low:g} and more"
            span = least if column.high is None else f"{column.low:g} to {column.high:g}"
            words = ", ".join(f"`{word}`" for word in column.words)
            yield f"`{name}`", column.name, role, words or f"{span} {column.unit}".strip()

    blocks = [
        block
        for kind in FACT_TYPES.values()
        for block in (
            f"## {kind.name}",
            (inspect.getdoc(kind.model) or "").replace("``", "`"),
            f"Coverage question: `{kind.name}/<{kind.question}>`." if kind.question else "",
            table(("column", "type", "part", "words or range"), rows(kind)),
        )
    ]
    return page(
        "Fact types",
        "What adapters read out of evidence and policies ask for. Rows with equal key columns are "
        "one row; rows that disagree in a value column are a conflict. Any column may be unknown.",
        *blocks,
    )


def policy_schema() -> str:
    """Return the JSON Schema of a policy file, for editors."""
    from assaybook.language.document import PolicyDocument

    schema = PolicyDocument.model_json_schema()
    draft = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps(draft | schema, indent=2, ensure_ascii=False) + "\n"


MADE_FROM: Final[Mapping[str, Callable[[], str]]] = {
    "facts.md": facts_page,
    "policy.schema.json": policy_schema,
}


def main() -> int:
    """Write or compare every page; 1 where a page is not current."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if a page is stale")
    only_check: bool = parser.parse_args().check
    stale = 0
    for name, make in MADE_FROM.items():
        path = PAGES / name
        text = make()
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        if only_check:
            print(f"not current: {path.relative_to(ROOT)}; run `make docs`", file=sys.stderr)
            stale = 1
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(path.relative_to(ROOT))
    return stale


if __name__ == "__main__":
    sys.exit(main())
