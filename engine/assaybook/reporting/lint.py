"""What lint found as SARIF, as JUnit and as annotations of a pull request.

A fingerprint stays while lines move: it covers the file, the code and what is said there, not the
place; of equal ones in a file it counts.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pydantic import JsonValue

from assaybook.domain.canonical import digest_of
from assaybook.domain.errors import AuthorError
from assaybook.domain.record import record
from assaybook.language.rules.registry import RULES
from assaybook.language.rules.rule import Level, LintRule
from assaybook.reporting.github import command
from assaybook.reporting.junit import opened, xml_text
from assaybook.reporting.sarif import SCHEMA, file_place, plain
from assaybook.reporting.spoken import json_text

_FINGERPRINT: Final = "assaybook/v1"
_PLACE: Final = re.compile(r"(?P<file>.*?):(?P<line>[0-9]+):(?P<column>[0-9]+)", re.DOTALL)
_LINES: Final = re.compile(r"\bline [0-9]+")
_Object = dict[str, JsonValue]


@record
class Told:
    """One thing that lint says: of which file, where, and how bad it is.

    ``line`` and ``column`` count from 1; both are 1 where the whole file is meant.
    """

    level: Level
    code: str
    file: str
    line: int
    column: int
    message: str
    quoted: str
    hint: str
    fingerprint: str

    @property
    def whole(self) -> str:
        """Reason and remedy in one text."""
        return f"{self.message}. {self.hint}" if self.hint else self.message


def told(problems: Sequence[AuthorError], warnings: Sequence[AuthorError]) -> tuple[Told, ...]:
    """Return problems and warnings with their places and fingerprints, problems first."""
    seen: Counter[str] = Counter()
    found: list[Told] = []
    levels: tuple[tuple[Level, Sequence[AuthorError]], ...] = (
        ("error", problems),
        ("warning", warnings),
    )
    for level, errors in levels:
        found += [_told(level, error, seen) for error in errors]
    return tuple(found)


def _told(level: Level, error: AuthorError, seen: Counter[str]) -> Told:
    place = _PLACE.fullmatch(error.where)
    file = place["file"] if place else error.where
    line, column = (int(place["line"]), int(place["column"])) if place else (1, 1)
    reason, _, quoted = error.message.partition("\n")
    covered = json.dumps([file, error.code, _LINES.sub("line", reason), quoted])
    seen[covered] += 1
    counted = json.dumps([covered, seen[covered]])
    fingerprint = digest_of(counted.encode()).partition(":")[2][:32]
    return Told(level, error.code, file, line, column, reason, quoted, error.hint, fingerprint)


def lint_sarif(found: Sequence[Told], engine: str) -> str:
    """Return a SARIF 2.1.0 log of one run; ``engine`` is name and version.

    Every rule that was broken is described in it, with its meaning and its remedy.
    """
    name, _, version = engine.partition(" ")
    codes = sorted({each.code for each in found})
    order = {code: index for index, code in enumerate(codes)}
    driver: _Object = {
        "name": name,
        "version": version,
        "rules": [_rule(code, RULES.get(code)) for code in codes],
    }
    run: _Object = {
        "tool": {"driver": driver},
        "automationDetails": {"id": "assaybook/policy-lint/"},
        "results": [_result(each, order[each.code]) for each in found],
        "columnKind": "unicodeCodePoints",
    }
    return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(code: str, rule: LintRule | None) -> _Object:
    """Describe a rule; one that a package of its own raises has its code alone."""
    tags: list[JsonValue] = ["policy"]
    if rule is None:
        return {"id": code, "properties": {"tags": tags}}
    return {
        "id": code,
        "shortDescription": {"text": plain(rule.title)},
        "fullDescription": {"text": plain(rule.means)},
        "help": {"text": plain(f"{rule.means}\n\nTo mend it: {rule.remedy}")},
        "defaultConfiguration": {"level": rule.level},
        "properties": {"tags": tags},
    }


def _result(each: Told, index: int) -> _Object:
    return {
        "ruleId": each.code,
        "ruleIndex": index,
        "kind": "fail",
        "level": each.level,
        "message": {"text": plain(each.whole)},
        "locations": [{"physicalLocation": file_place(each.file, each.line, each.column)}],
        "partialFingerprints": {
            _FINGERPRINT: each.fingerprint,
            "primaryLocationLineHash": f"{each.fingerprint}:1",
        },
        "suppressions": [],
    }


def lint_annotations(found: Sequence[Told], summary: str) -> str:
    """Return workflow commands of GitHub Actions: the summary, then one for each thing found."""
    bad = any(each.level == "error" for each in found)
    lines = [command("error" if bad else "notice", "", "Assaybook: policy lint", summary)]
    lines += [
        command(each.level, each.file, each.code, each.whole, at=(each.line, each.column))
        for each in found
    ]
    return "\n".join(lines) + "\n"


def lint_junit(files: Mapping[str, str], found: Sequence[Told], summary: str) -> str:
    """Return a JUnit document: a case for each file, by name and kind, and one for the whole.

    A file with an error fails; warnings stand in the text of its case. The case of the whole is
    always there, so that a report of nothing is never green by being empty.
    """
    named = dict(files)
    for each in found:
        named.setdefault(each.file, "file")
    bad = {each.file for each in found if each.level == "error"}
    counts = [
        ("tests", str(len(named) + 1)),
        ("failures", str(len(bad) + bool(bad))),
        ("errors", "0"),
        ("skipped", "0"),
        ("time", "0"),
    ]
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append(opened("testsuites", [("name", "assaybook"), *counts]))
    lines.append(opened("testsuite", [("name", "policy lint"), *counts], 1))
    lines += _case("policy lint", "lint", [summary], fails=summary if bad else "")
    for file, kind in sorted(named.items()):
        here = [each for each in found if each.file == file]
        first = next((each for each in here if each.level == "error"), None)
        said = [line for each in here for line in _lines(each)]
        lines += _case(kind, file, said, fails=f"{first.code}: {first.message}" if first else "")
    return "\n".join([*lines, "  </testsuite>", "</testsuites>", ""])


def _lines(each: Told) -> Iterator[str]:
    yield f"{each.level}[{each.code}] {each.file}:{each.line}:{each.column}: {each.message}"
    yield from (line for line in (*each.quoted.split("\n"), each.hint) if line)


def _case(owner: str, name: str, said: Sequence[str], *, fails: str) -> Iterator[str]:
    yield opened("testcase", [("classname", owner), ("name", name), ("time", "0")], 2)
    text = xml_text(said)
    if fails:
        failure = opened("failure", [("message", fails), ("type", "lint")], 3)
        yield f"{failure}{text}</failure>"
    elif said:
        yield f"      <system-out>{text}</system-out>"
    yield "    </testcase>"
