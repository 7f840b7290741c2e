"""Who calls the service in tests."""

from collections.abc import Collection

from support.api import Caller


def called_by(
    caller: Caller,
    name: str,
    *roles: str,
    kind: str = "person",
    systems: Collection[str] | None = None,
) -> dict[str, str]:
    del caller
    return {"Authorization": f"Bearer {name}:{kind}:{','.join(roles)}:{','.join(systems or ())}"}
