"""Write the pages of docs/reference from what they describe; with --check, only compare."""

import argparse
import inspect
import json
import sys
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from docs_functions import functions_page
from docs_text import page, plain, table

if TYPE_CHECKING:
    from assaybook.domain.policy import Policy
    from assaybook.intake.describe import Description

ROOT: Final = Path(__file__).resolve().parents[1]
PAGES: Final = ROOT / "docs" / "reference"


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
            plain(inspect.getdoc(kind.model)),
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


def format_page(said: "Description") -> str:
    """Describe one format: how it is told, what is read, what is not, and what is never kept."""

    def listed(words: Iterable[str]) -> str:
        return ", ".join(f"`{word}`" for word in words)

    versions = ("any version" if one == "*" else f"`{one}`" for one in said.versions)
    facts = (f"[`{name}`](../facts.md#{name})" for name in said.facts)
    rows = [
        ("name for `as:` and `--as`", listed((said.name, *said.also))),
        ("versions", ", ".join(versions)),
        ("facts", ", ".join(facts)),
        ("coverage questions", listed(said.questions)),
        ("removed before it is stored", listed(said.removed) or "secrets known by their form"),
        ("version of the adapter", str(said.version)),
    ]
    return page(
        said.name,
        plain(said.about),
        "## How it is recognised",
        plain(said.recognised),
        "## What is read",
        table(("", ""), iter(rows)),
    )


def format_pages() -> Iterator[tuple[str, str]]:
    """Describe every format that the shipped adapters read, and list them."""
    from assaybook.intake.describe import describe
    from assaybook.intake.registry import BUILT_IN

    found = sorted(map(describe, BUILT_IN), key=lambda one: one.name)
    rows = (
        (f"[{one.name}](formats/{one.name}.md)", ", ".join(one.facts), plain(one.summary))
        for one in found
    )
    said = (
        "A file is recognised by its content. `as:` in a manifest and `--as` name the format where "
        "the content alone cannot tell. Packages [add formats](../guides/adapters.md) under the "
        "entry point group `assaybook.adapters`."
    )
    listing = table(("format", "facts", "what it is"), rows)
    yield "formats.md", page("Evidence formats", said, listing)
    for one in found:
        yield f"formats/{one.name}.md", format_page(one)


def policy_page(policy: "Policy") -> str:
    """Describe one shipped policy: its claim, what it needs, and its rules in plain words."""
    links = (
        (link.catalog, link.control, link.relation)
        for link in sorted(policy.controls, key=lambda link: (link.catalog, link.control))
    )
    params = (
        (f"`{param.name}`", param.kind, shown(param.value), param.stricter or "", param.description)
        for param in policy.params.values()
    )
    needs = (
        (f"`{need.name}`", f"[{need.facts}](../facts.md#{need.facts})", need.about)
        for need in policy.needs.values()
    )
    rules = (
        f"### {rule.id}\n\n{rule.sentence}" + (f"\n\nTo mend it: {rule.fix}" if rule.fix else "")
        for rule in policy.rules
    )
    return page(
        policy.title,
        policy.why,
        f"Policy `{policy.id}`, version {policy.version}, severity {policy.severity}.",
        table(("catalog", "control", "relation"), links),
        *(
            ("## Parameters", table(("name", "type", "value", "stricter", "meaning"), params))
            if policy.params
            else ()
        ),
        "## Evidence",
        table(("need", "facts", "about"), needs) if policy.needs else "Signed answers of persons.",
        "## Rules",
        *rules,
    )


def shown(value: object) -> str:
    """Return the value of a param as a reader wants it."""
    from assaybook.domain.durations import duration_words

    if value is None:
        return "not set"
    if isinstance(value, timedelta):
        return duration_words(value)
    return ", ".join(map(str, value)) or "none" if isinstance(value, tuple) else str(value)


def policy_pages() -> Iterator[tuple[str, str]]:
    """Describe every shipped policy, and list them."""
    from assaybook.service.bundles import BundleFiles, read_library

    policies = read_library(BundleFiles()).policies
    rows = (
        (f"[{policy.id}](policies/{policy.id}.md)", policy.title, policy.severity)
        for policy in policies
    )
    yield "policies.md", page("Policies", table(("policy", "claim", "severity"), rows))
    for policy in policies:
        yield f"policies/{policy.id}.md", policy_page(policy)


def lint_pages() -> Iterator[tuple[str, str]]:
    """Describe every code that lint can give, and list them."""
    from assaybook.language.rules.page import rule_page
    from assaybook.language.rules.registry import GROUPS
    from assaybook.language.rules.rule import EXAMPLE

    said = (
        "`assay policy lint` gives each of these with file, line, column and a caret. An error "
        "makes a file unusable; a warning is advice, and changes neither verdict nor exit code. "
        "`assay policy lint --explain CODE` shows a page of this list in a terminal."
    )
    example = (
        "Examples that begin with another key than `policy` stand in this policy, in place of its "
        f"own keys of those names:\n\n```yaml\n{EXAMPLE}```"
    )
    blocks = [
        f"## {group}\n\n"
        + table(
            ("code", "", "what it says"),
            ((f"[{rule.code}](lint/{rule.code}.md)", rule.level, rule.title) for rule in rules),
        )
        for group, rules in GROUPS.items()
    ]
    yield "lint.md", page("What lint says", said, example, *blocks)
    for rules in GROUPS.values():
        for rule in rules:
            head, _, rest = rule_page(rule).partition("\n\n")
            yield f"lint/{rule.code}.md", page(head.removeprefix("# "), rest)


def commands_page() -> str:
    """Describe every command with its arguments and options."""
    import typer.main

    from assaybook.cli.assembly import assembled

    def blocks(command: Any, name: str) -> Iterator[str]:  # noqa: ANN401  click has no public name
        yield f"## {name}\n\n{plain(inspect.cleandoc(command.help or ''))}"
        rows = [
            (
                f"`{', '.join(one.opts) if one.opts[0].startswith('-') else one.name.upper()}`",
                "required" if one.required else "",
                (getattr(one, "help", "") or ""),
            )
            for one in command.params
            if one.name != "help"
        ]
        if rows:
            yield table(("", "", ""), iter(rows))
        for word, inner in sorted(getattr(command, "commands", {}).items()):
            yield from blocks(inner, f"{name} {word}")

    root = typer.main.get_command(assembled([]))
    return page("Commands", *blocks(root, "assay"))


def schemas() -> Iterator[tuple[str, str]]:
    """Return the JSON Schemas of the files that people write, for editors."""
    from assaybook.language.schema import DOCUMENTS, json_schema

    for kind in DOCUMENTS:
        text = json.dumps(json_schema(kind), indent=2, ensure_ascii=False)
        yield f"schema/{kind}.schema.json", text + "\n"


def everything() -> Iterator[tuple[str, str]]:
    """Return every page by its path under docs/reference, which holds nothing else."""
    yield "commands.md", commands_page()
    yield "facts.md", facts_page()
    yield "functions.md", functions_page()
    yield from format_pages()
    yield from lint_pages()
    yield from policy_pages()
    yield from schemas()


def main() -> int:
    """Write or compare every page; 1 where a page is not current."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if a page is stale")
    only_check: bool = parser.parse_args().check
    wanted = {PAGES / name: text for name, text in everything()}
    kept = {path for path in PAGES.rglob("*") if path.is_file()}
    stale = {
        path
        for path in wanted.keys() | kept
        if path not in kept or wanted.get(path) != path.read_text(encoding="utf-8")
    }
    for path in sorted(stale):
        print(f"{'not current' if only_check else 'written'}: {path.relative_to(ROOT)}")
        if only_check:
            continue
        if path in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path], encoding="utf-8")
        else:
            path.unlink()
    if only_check and stale:
        print("run `make docs` and commit what it writes", file=sys.stderr)
    return 1 if only_check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
