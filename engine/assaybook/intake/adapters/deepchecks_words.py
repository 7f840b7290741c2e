"""Words of Deepchecks: checks that are for other data or models, and scores turned round."""

import re
from typing import Final

from assaybook.intake.values import Json, number, word

_FOR_OTHERS: Final = re.compile(
    r"check is (?:only )?(?:ir)?relevant\b|check requires\b|dataset does not contain\b"
    r"|there is no (?:label|index|datetime)\b",
    re.IGNORECASE,
)
_NEGATIVE: Final = re.compile(r"neg(?:ative)?[ _](.+)", re.IGNORECASE)


def is_for_others(exception: Json) -> bool:
    """Tell whether a check did not run because it is not for such data: nothing broke off."""
    said = word(exception)
    return said is not None and _FOR_OTHERS.match(said) is not None


def turned_round(name: str, value: Json) -> tuple[str, Json]:
    """Return the name and value of an error that is given negative (``Neg RMSE``) as they are."""
    found, plain = _NEGATIVE.fullmatch(name), number(value)
    if found is None or plain is None or plain > 0:
        return name, value
    return found.group(1), abs(plain)
