"""What checking a pack came to, step by step: good, bad, or cannot tell."""

from enum import StrEnum
from typing import Final

from assaybook.domain.base import Frozen


class Standing(StrEnum):
    """What a step, or all of them, came to."""

    GOOD = "good"
    BAD = "bad"
    UNSURE = "cannot tell"


EXITS: Final = {Standing.GOOD: 0, Standing.BAD: 1, Standing.UNSURE: 3}


class Step(Frozen):
    """One thing that was checked.

    Attributes:
        step: the link of the chain: ``signature``, ``manifest``, ``keys``, ``log``, ...
        code: stable; of a good step what was seen.
        where: the part of the pack, and the place in it.
        message: the reason.
        hint: what to do; empty where all is well.
    """

    step: str
    standing: Standing
    code: str
    where: str
    message: str
    hint: str = ""


class Verification(Frozen):
    """Every step, and what they come to together.

    ``first`` is the first broken link or, where none is broken, the first that is open. ``anchor``
    says whose word the keys are: ``auditor`` where a root was given, else ``pack``. ``unchecked``
    says what a good pack is not thereby shown to be.
    """

    verdict: Standing
    exit: int
    anchor: str
    pack: str
    first: Step | None
    steps: tuple[Step, ...]
    unchecked: tuple[str, ...] = ()


def verification(
    steps: list[Step], *, anchor: str, pack: str, unchecked: tuple[str, ...] = ()
) -> Verification:
    """Return what steps come to: one bad is bad, and nothing open is ever good."""
    bad = [one for one in steps if one.standing is Standing.BAD]
    unsure = [one for one in steps if one.standing is Standing.UNSURE]
    verdict = Standing.BAD if bad else Standing.UNSURE if unsure or not steps else Standing.GOOD
    return Verification(
        verdict=verdict,
        exit=EXITS[verdict],
        anchor=anchor,
        pack=pack,
        first=next(iter(bad or unsure), None),
        steps=tuple(steps),
        unchecked=unchecked,
    )


def good(step: str, code: str, where: str, message: str) -> Step:
    """Return a step that holds."""
    return Step(step=step, standing=Standing.GOOD, code=code, where=where, message=message)


def bad(step: str, code: str, where: str, message: str, hint: str) -> Step:
    """Return a step that is broken."""
    return Step(
        step=step, standing=Standing.BAD, code=code, where=where, message=message, hint=hint
    )


def unsure(step: str, code: str, where: str, message: str, hint: str) -> Step:
    """Return a step of which nobody can tell."""
    return Step(
        step=step, standing=Standing.UNSURE, code=code, where=where, message=message, hint=hint
    )
