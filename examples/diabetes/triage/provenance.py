"""Say how the model was built: SLSA provenance in a signed in-toto statement."""

import base64
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from triage.people import PIPELINE, key_id, private_key
from triage.releases import SYSTEM, Release, instant

PAYLOAD = "application/vnd.in-toto+json"
BUILDER = "https://ward.example/diabetes-triage/builder/v1"


def statement(release: Release, digests: dict[str, str], began: datetime) -> dict[str, Any]:
    """Give the statement: the model is the subject, the tables are what it was made from."""

    def named(name: str, digest: str) -> dict[str, Any]:
        return {"name": name, "digest": {"sha256": digests[digest].removeprefix("sha256:")}}

    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [named("diabetes-triage-model", "model")],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": "https://ward.example/diabetes-triage/train/v1",
                "externalParameters": {
                    "release": release.version,
                    "features": list(release.features),
                },
                "resolvedDependencies": [
                    named("diabetes-train", "train"),
                    named("sklearn-diabetes", "source"),
                ],
            },
            "runDetails": {
                "builder": {"id": BUILDER},
                "metadata": {
                    "invocationId": f"{SYSTEM}-train-{release.version}",
                    "startedOn": instant(began),
                    "finishedOn": instant(began + timedelta(minutes=3)),
                },
            },
        },
    }


def write(keys: Path, content: dict[str, Any], path: Path) -> None:
    """Sign the statement with the pipeline's key, in the DSSE pre-authentication encoding."""
    payload = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    signed = b"DSSEv1 %d %b %d %b" % (len(PAYLOAD), PAYLOAD.encode(), len(payload), payload)
    key = private_key(keys, PIPELINE)
    envelope = {
        "payloadType": PAYLOAD,
        "payload": base64.b64encode(payload).decode(),
        "signatures": [{"keyid": key_id(key), "sig": base64.b64encode(key.sign(signed)).decode()}],
    }
    path.write_text(json.dumps(envelope, indent=1) + "\n", encoding="utf-8")
