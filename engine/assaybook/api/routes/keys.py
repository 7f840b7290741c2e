"""Who asks, and the keys by which callers are known."""

from collections.abc import Collection
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from assaybook.api.access import needs
from assaybook.api.bodies import body_of
from assaybook.api.problems import answers
from assaybook.api.routing import a_router
from assaybook.api.state import ServiceHere, reading
from assaybook.domain.base import Frozen
from assaybook.domain.errors import UsageError
from assaybook.domain.ids import Instant, SystemId
from assaybook.domain.policy import Assurance
from assaybook.domain.principal import Action, Principal, PrincipalKind, Role
from assaybook.language.document_words import Prose
from assaybook.service.keys import DEFAULT_LIFE, LONGEST_LIFE, Made, Wanted, create_key, new_secret
from assaybook.store.keys import KeyState, find_key, key_unknown, list_keys, revoke_key
from assaybook.store.unit_of_work import UnitOfWork

router = a_router("keys")

_Caller = Annotated[Principal, Depends(needs(Action.IDENTITY_READ))]
_Admin = Annotated[Principal, Depends(needs(Action.KEY_MANAGE))]
_Id = Annotated[str, Path(pattern=r"^[0-9a-f]{8}$", description="Public part of a key.")]


class WhoAmI(BaseModel):
    """The caller, as it is known."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    kind: PrincipalKind
    roles: tuple[Role, ...]
    systems: tuple[str, ...] | None = Field(description="null for all.")
    assurance: Assurance


class KeyWanted(Frozen):
    """A key to make."""

    name: str = Field(min_length=1, max_length=200, description="Of the person or pipeline.")
    kind: PrincipalKind
    roles: tuple[Role, ...] = Field(min_length=1, strict=False)
    systems: tuple[SystemId, ...] | None = Field(default=None, description="null for all.")
    assurance: Assurance = Field(default=Assurance.SELF, strict=False)
    days: int = Field(default=DEFAULT_LIFE.days, ge=1, le=LONGEST_LIFE.days)


class KeyRevoked(Frozen):
    """Why a key ends before its time."""

    reason: Annotated[Prose, Field(max_length=1_000)]


class KeyShown(BaseModel):
    """A key without its secret."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    kind: PrincipalKind
    roles: tuple[Role, ...]
    systems: tuple[str, ...] | None
    assurance: Assurance
    made_at: Instant
    made_by: str
    expires_at: Instant
    revoked_at: Instant | None
    used_at: Instant | None = Field(description="To the minute.")


class KeyMade(BaseModel):
    """A new key; its text is shown here and never again."""

    model_config = ConfigDict(frozen=True)

    key: KeyShown
    text: str


class KeyList(BaseModel):
    """All keys that were ever made."""

    model_config = ConfigDict(frozen=True)

    items: tuple[KeyShown, ...]


@router.get("/whoami")
async def who_am_i(principal: _Caller) -> WhoAmI:
    """Say who asks, and what they may do."""
    return WhoAmI(
        id=principal.id,
        name=principal.name,
        kind=principal.kind,
        roles=tuple(sorted(principal.roles)),
        systems=None if principal.systems is None else tuple(sorted(principal.systems)),
        assurance=principal.assurance,
    )


@router.post("/keys", status_code=201, responses=answers(415))
async def make_key(
    service: ServiceHere, principal: _Admin, wanted: Annotated[KeyWanted, body_of(KeyWanted)]
) -> KeyMade:
    """Make a key. Its text is in this answer and nowhere else."""
    if not _reaches(principal, wanted.systems):
        raise UsageError(
            "not-allowed",
            "a key cannot reach further than the key of who makes it",
            hint="Name systems that you may touch yourself.",
        )
    if principal.kind != "person" and wanted.kind == "person":
        # It would then decide with that key what no pipeline decides.
        raise UsageError(
            "not-allowed",
            "only a person makes the key of a person, and this is the key of a pipeline",
            hint="Ask an administrator to make it.",
        )
    asked = Wanted(
        name=wanted.name,
        kind=wanted.kind,
        roles=wanted.roles,
        systems=wanted.systems,
        assurance=wanted.assurance,
        life=timedelta(days=wanted.days),
    )
    text = new_secret()

    def make(work: UnitOfWork) -> Made:
        return create_key(work, asked, text, person=principal.name)

    made = await service.writer.run(make)
    return KeyMade(key=_shown(KeyState(key=made.key)), text=made.text)


@router.get("/keys")
def all_keys(service: ServiceHere, principal: _Admin) -> KeyList:
    """List every key that was made, with when it ends or ended and when it was last used."""
    with reading(service) as store:
        mine = [one for one in list_keys(store) if _reaches(principal, one.key.systems)]
        return KeyList(items=tuple(map(_shown, mine)))


@router.post("/keys/{key}/revoke", responses=answers(404, 415))
async def end_key(
    service: ServiceHere,
    principal: _Admin,
    key: _Id,
    body: Annotated[KeyRevoked, body_of(KeyRevoked)],
) -> KeyShown:
    """End a key before its time: this server knows it no more, others within a second."""

    def revoke(work: UnitOfWork) -> KeyState:
        state = find_key(work, key)
        if state is not None and not _reaches(principal, state.key.systems):
            raise key_unknown(key)
        return revoke_key(work, key, person=principal.name, reason=body.reason)

    state = await service.writer.run(revoke)
    service.shared.endings.tell()
    return _shown(state)


def _reaches(principal: Principal, systems: Collection[str] | None) -> bool:
    """Tell whether a principal may touch all that a key reaches."""
    if principal.systems is None:
        return True
    return systems is not None and principal.systems.issuperset(systems)


def _shown(state: KeyState) -> KeyShown:
    known = state.key.model_dump(exclude={"secret"})
    return KeyShown(**known, revoked_at=state.revoked_at, used_at=state.used_at)
