"""Write the data set's card: Hugging Face front matter, then one heading a topic."""

import yaml

from triage.data import TARGET
from triage.releases import Release

TEXT = """# Diabetes progression, prepared for triage

## Dataset description

{rows} patients with diabetes: age, sex, body-mass index, mean blood pressure, six blood serum
measurements, and a score of how far the disease progressed within a year. It comes with
scikit-learn. This copy adds a running case number and the label: progression over {target}.

## Intended use

Training ({train} rows) and evaluating ({holdout} rows) the triage model, and teaching.

## Out-of-scope use

Any claim about a person, and any population other than the one that was studied.

## Data collection

From the article "Least angle regression" (Efron, Hastie, Johnstone, Tibshirani, Annals of
Statistics, 2004). The article does not tell how the patients were chosen.

## Annotation

The score was measured, not judged; the label follows from it by a rule that is checked on each row.

## Personal and sensitive information

Health measurements without names, dates or places. {privacy}

## Bias, risks and limitations

One study before 2004. Sex has two codes and the source does not say which is which. Age runs from
19 to 79. No ethnicity, income or region is recorded, so nothing can be said about them.

## License

Published with the article; scikit-learn distributes it under the BSD 3-Clause licence.

## Contact

triage-team@ward.example

## Version

{version}
"""


def card(release: Release, sizes: dict[str, int]) -> str:
    """Give the card's text for the tables of a release."""
    front = {
        "license": "bsd-3-clause",
        "language": "en",
        "pretty_name": "Diabetes progression",
        "annotations_creators": ["other"],
        "size_categories": ["n<1K"],
        "source_datasets": ["original"],
        "task_categories": ["tabular-classification"],
        "dataset_info": {
            "splits": [{"name": part, "num_examples": sizes[part]} for part in ("train", "holdout")]
        },
    }
    found = "The training rows also carry a contact." if release.contacts else "None was found."
    body = TEXT.format(
        rows=sizes["train"] + sizes["holdout"],
        target=TARGET,
        privacy=found,
        version=release.version,
        **{part: sizes[part] for part in ("train", "holdout")},
    )
    return f"---\n{yaml.safe_dump(front, sort_keys=False)}---\n\n{body}"
