"""Names of controls in policies and scope files."""

from typing import TYPE_CHECKING

from assaybook.domain.errors import AuthorError, did_you_mean

if TYPE_CHECKING:
    # Whoever lints a policy whose controls are in the index reads no catalog.
    from assaybook.domain.control import Catalog


def control_in(
    catalog: "Catalog", name: str, where: str, problems: list[AuthorError]
) -> str | None:
    """Return the printed id of a control, or add to the problems that there is none."""
    known = catalog.resolve(name)
    if known is None:
        near = did_you_mean(catalog.suggest(name))
        hint = near or f"List them: assay control list --catalog {catalog.id}"
        message = f"there is no control {name!r} in {catalog.id}"
        problems.append(AuthorError("control-unknown", message, where=where, hint=hint))
    return known
