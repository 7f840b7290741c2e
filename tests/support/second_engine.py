"""The engine's side of the comparison: plain data to its inputs, through the loader of bundles."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import assaybook
from assaybook.catalogs.load import load_catalogs
from assaybook.domain.baseline import Baseline, BaselineFail
from assaybook.domain.documents import Evidence
from assaybook.domain.errors import AssayError
from assaybook.domain.evidence import Envelope
from assaybook.domain.finding import Assessment
from assaybook.domain.period import Period, PeriodMoment
from assaybook.domain.policy import Policy, Scope, Severity
from assaybook.domain.subject import Subject
from assaybook.domain.waiver import Retirement, Waiver
from assaybook.evaluation.baseline import known_fail
from assaybook.language.scope import load_scope
from assaybook.service.bundles import Ruling
from assaybook.service.files import read_yaml
from assaybook.service.judge import judged
from assaybook.service.period import replay_period
from support.second_policies import a_policy, an_asking_policy, some_overlays
from support.second_rows import Json
from support.second_situations import Situation
from support.second_statements import Said


def _written(folder: Path, name: str, content: Json) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def _refused(folder: Path) -> set[str]:
    """Return the policies that the loader refuses; they are nothing to be judged."""
    try:
        assaybook.load_bundle(folder)
    except AssayError as error:
        problems = map(str, getattr(error, "problems", [error]))
        return {found[1] for one in problems if (found := re.search(r"/t/(\w+)\.yaml", one))}
    return set()


class Pool:
    """Policies as they are written, by id, and as the engine loads them."""

    def __init__(self, folder: Path, seed: int, size: int) -> None:
        dice = Random(seed)  # noqa: S311 - the same policies in each run
        policies = folder / "policies"
        drawn = [a_policy(dice, number) for number in range(size)]
        drawn += [("attestation", an_asking_policy(people)) for people in (1, 2)]
        self.written: dict[str, Json] = {}
        for _kind, policy in drawn:
            self.written[policy["policy"]] = policy
            _written(policies, f"{policy['policy'].replace('.', '/')}.yaml", policy)
        for name in _refused(policies):
            (policies / "t" / f"{name}.yaml").unlink()
            del self.written[f"t.{name}"]
        self.kinds: dict[str, list[str]] = {}
        for kind, policy in drawn:
            if policy["policy"] in self.written:
                self.kinds.setdefault(kind, []).append(policy["policy"])
        self.overlays = some_overlays(dice, self.written.values())
        paths = [_written(folder, f"{one['overlay']}.yaml", one) for one in self.overlays]
        self._folder = folder
        self._catalogs = load_catalogs()
        self._ruling = assaybook.load_bundle(policies, overlays=paths).ruling
        self.policies = {one.id: one for one in self._ruling.bundle.policies}

    def _scope(self, written: Json) -> Scope:
        if not written:
            return Scope()
        source = read_yaml(_written(self._folder, "scope.yaml", written))
        policies = self._ruling.bundle.policies
        return load_scope(source, catalogs=self._catalogs, policies=policies)

    def _under(self, scope: Scope, some: tuple[Policy, ...]) -> Ruling:
        """Return what some of the policies are under a scope, with its catalogs or those cited."""
        bundle = replace(self._ruling.bundle, policies=some, scope=scope)
        cited = sorted({link.catalog for policy in some for link in policy.controls})
        return Ruling(bundle, tuple(self._catalogs[name] for name in scope.frameworks or cited))

    def assessed(
        self,
        names: Sequence[str],
        situation: Situation,
        said: Said,
    ) -> Assessment:
        """Return what the engine makes of a situation by some of the policies."""
        subject, documents, as_of = situation
        some = tuple(self.policies[name] for name in names)
        evidence = tuple(map(_evidence, documents))
        return judged(
            self._under(self._scope(said.scope), some),
            Subject.model_validate({**subject, "asserted": True}, strict=False),
            evidence,
            as_of=as_of,
            fail_on=Severity.HIGH,
            waivers=tuple(_waiver(one, at) for at, one in enumerate(said.waivers)),
            baseline=_baseline(said.baseline) if said.baseline else None,
            retirements=tuple(Retirement.model_validate(one, strict=False) for one in said.retired),
        ).assessment

    def over(
        self,
        names: Sequence[str],
        situation: Situation,
        said: Said,
        since: datetime,
        *,
        begins_here: bool,
    ) -> Period:
        """Return what the engine makes of the time until a situation."""
        subject, documents, until = situation
        moment = PeriodMoment(
            as_of=since,
            subject=Subject.model_validate({**subject, "asserted": True}, strict=False),
            waivers=tuple(_waiver(one, at) for at, one in enumerate(said.waivers)),
            retirements=(),
        )
        return replay_period(
            self._under(self._scope(said.scope), tuple(self.policies[name] for name in names)),
            tuple(map(_evidence, documents)),
            [moment],
            asked_since=since - timedelta(days=1) if begins_here else since,
            until=until,
            fail_on=Severity.HIGH,
        )


def _evidence(document: Json) -> Evidence:
    names = ("system", "release", "artifacts")
    envelope = {
        **{name: value for name, value in document.items() if name in Envelope.model_fields},
        "size": 1,
        "adapter": document["format"],
        "producer": {"tool": document["tool"]},
        "subject": {name: document[name] for name in names},
    }
    facts = [{"pointer": f"/{at}", **one} for at, one in enumerate(document["facts"])]
    whole: Mapping[str, Any] = {
        "envelope": envelope,
        "facts": facts,
        "coverage": document["coverage"],
    }
    return Evidence.model_validate(whole, strict=False)


def _waiver(written: Json, number: int) -> Waiver:
    known = {"id": f"W-{number}", "reason": "It is being mended."}
    return Waiver.model_validate({**written, **known}, strict=False)


def _baseline(written: Json) -> Baseline:
    return Baseline.model_validate(written, strict=False)


def named_by(found: Assessment) -> list[BaselineFail]:
    """Return the fails of an assessment as the engine names them in a baseline."""
    return [fail for one in found.findings if (fail := known_fail(one)) is not None]
