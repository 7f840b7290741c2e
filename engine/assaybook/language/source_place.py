"""Where a character of a YAML scalar's value stands in what its author wrote."""


def content_start(raw: str, *, plain: bool) -> int:
    """Return where the content of a scalar begins in what is written: after quote or header."""
    if plain:
        return 0
    return raw.find("\n") + 1 if raw[0] in "|>" else 1


def aligned(value: str, offset: int, raw: str, start: int) -> int:
    """Return the offset in ``raw`` of one character of the value.

    Folds and indents only change white space and escapes only add to it, so the other characters
    stand in both in the same order.
    """
    at = found = start
    for character in value[: offset + 1]:
        if character.isspace():
            continue
        met = raw.find(character, at)
        if met < 0:
            break
        found, at = met, met + 1
    return found
