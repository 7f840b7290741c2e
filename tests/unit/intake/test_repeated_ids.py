"""What names an id speaks of one element, however many repeat the id."""

import json

from assaybook.domain.facts import Documentation
from support.documents import opened


def test_a_relationship_says_nothing_of_a_second_model_that_has_the_id_of_the_first() -> None:
    model = {"type": "ai_AIPackage", "spdxId": "urn:m", "ai_domain": ["cards"]}
    data = {"type": "dataset_DatasetPackage", "spdxId": "urn:d", "name": "rows"}
    used = {"type": "Relationship", "from": "urn:m", "to": ["urn:d"]}
    graph = [
        {**model, "name": "first"},
        {**model, "name": "second"},
        data,
        {**used, "spdxId": "urn:r", "relationshipType": "trainedOn"},
    ]
    context = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"
    found = opened(json.dumps({"@context": context, "@graph": graph}), "bom.json").evidence
    said = {
        one.envelope.scope.path: [
            fact.text
            for fact in one.facts
            if isinstance(fact, Documentation) and fact.topic == "training_data"
        ]
        for one in found
    }
    assert (said["first"], said["second"]) == (["rows"], [])
