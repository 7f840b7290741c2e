"""What the guides show: their commands, and their YAML, as a reader would type them."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_FENCE: Final = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INLINE: Final = re.compile(r"`(assay [^`]+)`")


@dataclass(frozen=True, slots=True)
class Shown:
    """A command or a block of a page, with the line on which it begins."""

    page: str
    line: int
    text: str

    @property
    def words(self) -> list[str]:
        """Return the words of a command as a shell has them, without ``assay``."""
        return shlex.split(self.text, comments=True)[1:]


def pages(root: Path) -> list[Path]:
    """Return the pages whose commands are kept true."""
    return [root / "README.md", *sorted((root / "docs" / "guides").glob("*.md"))]


def blocks(page: Path, language: str) -> list[Shown]:
    """Return the fenced blocks of a language."""
    text = page.read_text(encoding="utf-8")
    return [
        Shown(page.name, text.count("\n", 0, hit.start()) + 2, hit[2])
        for hit in _FENCE.finditer(text)
        if hit[1] == language
    ]


def commands(page: Path) -> list[Shown]:
    """Return every ``assay`` command of a page, in order; a line that ends in \\ goes on."""
    found: list[Shown] = []
    for block in blocks(page, "console"):
        line = block.line
        for text in re.sub(r"\\\n *", " ", block.text).splitlines():
            if text.startswith("assay "):
                found.append(Shown(block.page, line, text))
            line += 1
    prose = _FENCE.sub(lambda hit: "\n" * hit[0].count("\n"), page.read_text(encoding="utf-8"))
    for hit in _INLINE.finditer(prose):
        line = prose.count("\n", 0, hit.start()) + 1
        found.append(Shown(page.name, line, " ".join(hit[1].split())))
    return found
