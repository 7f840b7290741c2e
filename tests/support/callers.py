"""Who calls the service in tests: a key on the database for each."""

from collections.abc import Collection

from assaybook.domain.principal import PrincipalKind
from support.api import Caller, headers_of


def called_by(
    caller: Caller,
    name: str,
    *roles: str,
    kind: PrincipalKind = "person",
    systems: Collection[str] | None = None,
) -> dict[str, str]:
    """Return the header with which a person or pipeline of these roles asks."""
    return headers_of(caller.service, name, kind=kind, roles=roles, systems=systems)
