"""The part of a pack that holds its period, whole."""

from assaybook.domain.attachment import JSON_TYPE, PERIOD, Attachment
from assaybook.domain.canonical import canonical
from assaybook.domain.period import Period
from assaybook.service.pack_named import plain


def period_parts(period: Period | None) -> tuple[Attachment, ...]:
    """Return the period as a part of a pack; none for a pack as of an instant."""
    if period is None:
        return ()
    part = Attachment(
        name=PERIOD,
        media_type=JSON_TYPE,
        relationship="Data",
        description="How each control stood from when to when, and the assessments behind it",
        data=canonical(plain(period)),
    )
    return (part,)
