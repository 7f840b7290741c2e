"""The examples of lint's rules as folders that can be linted."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from assaybook.language.library import Folder
from assaybook.language.library_lint import Linted, lint
from assaybook.language.rules.rule import EXAMPLE, EXAMPLE_CASES, LintRule
from assaybook.shelf import shelf
from support.policies import references

_KEY: Final = re.compile(r"^(?=[^ #\n-])", re.MULTILINE)
_FILE: Final = re.compile(r"^# (\S+/\S+)\n", re.MULTILINE)
_POLICY: Final = "demo/recall.yaml"


def files_of(rule: LintRule, text: str) -> dict[str, str]:
    """Return the files of an example, by path."""
    if rule.kind == "file":
        return {_POLICY: EXAMPLE, "demo/recall.cases.yaml": EXAMPLE_CASES, "other.yaml": text}
    if rule.kind == "folder":
        parts = _FILE.split(text)
        files = dict(zip(parts[1::2], parts[2::2], strict=True))
        cases = any(name.endswith(".cases.yaml") for name in files)
        return {**({_POLICY: EXAMPLE} if cases else {}), **files}
    named = {block.partition(":")[0] for block in _KEY.split(text)}
    kept = [block for block in _KEY.split(EXAMPLE) if block.partition(":")[0] not in named]
    return {_POLICY: f"{''.join(kept)}{text}"}


def linted(files: Mapping[str, str], folder: Path) -> Linted:
    """Return what lint says of some files, written under a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    shipped = Folder(shelf("policies"), "policies")
    return lint([Folder(folder, "")], [], references(), shipped)
