"""``assay attest``: a person signs an answer to a rule about a release."""

from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from assaybook.cli.listing import errors_spoken
from assaybook.cli.options import Policies, ReleaseVersion, instant_of

_OWN: Final = (
    "warning: {person} asked for the release {release}, so this answer does not count; "
    "let somebody else answer."
)


_Rule = Annotated[
    str, typer.Argument(metavar="POLICY/RULE", help="Such as approval.two-persons/go-ahead.")
]
_Person = Annotated[
    str, typer.Option("--person", metavar="ID", help="Who answers, as in the trust file.")
]
_Until = Annotated[
    str | None,
    typer.Option("--valid-until", metavar="INSTANT", help="When a yes runs out at the latest."),
]
_At = Annotated[str | None, typer.Option("--at", metavar="INSTANT", help="When it is signed.")]
_Said = Annotated[Literal["yes", "no"], typer.Option("--answer", help="no withdraws a yes.")]


def attest(  # noqa: PLR0913, PLR0917 - each is an option
    rule: _Rule,
    system: Annotated[Path, typer.Option("--system", help="The system file.")],
    release: ReleaseVersion,
    person: _Person,
    key: Annotated[Path, typer.Option("--key", help="Private key of the person (PEM).")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Where the attestation goes.")],
    answer: _Said = "yes",
    at: _At = None,
    valid_until: _Until = None,
    policies: Policies = None,
) -> None:
    """Sign an answer to a rule that asks persons; submit the file as evidence."""
    from assaybook.domain.ids import same_person
    from assaybook.service.attest import Answer, asked_rule, policy_named
    from assaybook.service.attest import attest as signed
    from assaybook.service.bundles import BundleFiles, read_library
    from assaybook.service.files import write_bytes
    from assaybook.service.people import signing_key
    from assaybook.service.subjects import read_subject
    from assaybook.settings import now

    with errors_spoken():
        policy_id, _slash, rule_id = rule.partition("/")
        library = read_library(BundleFiles(tuple(policies or ())))
        found = policy_named(library.policies, policy_id)
        asked = asked_rule(found, rule_id)
        said = Answer(
            person=person,
            answer=answer,
            at=instant_of(at, "--at") if at else now(),
            valid_until=instant_of(valid_until, "--valid-until") if valid_until else None,
        )
        signer = signing_key(key)
        subject = read_subject(system, release)
        write_bytes(out, signed(found, rule_id, subject, said, signer))
        question = asked.attested.question if asked.attested else ""
        typer.echo(f"{question}\n{person} answers {answer}; signed in {out}", err=True)
        if same_person(person, subject.release.requested_by):
            typer.echo(_OWN.format(person=person, release=release), err=True)
