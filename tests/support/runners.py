"""How a runner of builds reads a log: which of its lines are commands to it."""

import re
from typing import Final

_ANYWHERE: Final = re.compile(r"##\w*\[")


def commands_in(log: str) -> list[str]:
    """Return the lines that GitHub Actions or Azure Pipelines would obey."""
    lines = re.split(r"\r\n|\r|\n", log)
    return [each for each in lines if each.strip().startswith("::") or _ANYWHERE.search(each)]


def unescaped(text: str) -> str:
    """Return what a runner makes of an escaped value."""
    for spelled, plain in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(spelled, plain)
    return text
