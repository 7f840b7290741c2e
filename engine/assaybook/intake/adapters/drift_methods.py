"""Methods of drift detection: their canonical names, and what the number of each is.

A p-value is no distance: little of it says that the data moved, where much of a distance does.
"""

import re
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from assaybook.domain.letters import seen_as
from assaybook.intake.values import Json, word

Statistic: TypeAlias = Literal["distance", "p_value"]
Method: TypeAlias = tuple[str, Statistic | None]

METHODS: Final[dict[str, Method]] = {
    "psi": ("psi", "distance"),
    "jensenshannon": ("js", "distance"),
    "kl_div": ("kl", "distance"),
    "wasserstein": ("wasserstein", "distance"),
    "hellinger": ("hellinger", "distance"),
    "ed": ("energy", "distance"),
    "ks": ("ks", "p_value"),
    "chisquare": ("chi2", "p_value"),
    "z": ("z", "p_value"),
    "anderson": ("anderson", "p_value"),
    "fisher_exact": ("fisher_exact", "p_value"),
    "cramer_von_mises": ("cramer_von_mises", "p_value"),
    "g-test": ("g_test", "p_value"),
    "g_test": ("g_test", "p_value"),
    "mannw": ("mann_whitney", "p_value"),
    "es": ("epps_singleton", "p_value"),
    "t_test": ("t_test", "p_value"),
    "emperical_mmd": ("mmd", None),  # spelt so; called a p-value by the tool, and is a distance
    "TVD": ("tvd", "p_value"),
}
"""Evidently's methods by the names of its settings."""

_SHOWN: Final[dict[str, str]] = {
    "psi": "psi",
    "population stability index": "psi",
    "k s": "ks",
    "chi square": "chisquare",
    "z": "z",
    "jensen shannon": "jensenshannon",
    "wasserstein": "wasserstein",
    "kullback leibler": "kl_div",
    "anderson darling": "anderson",
    "cramer von mises": "cramer_von_mises",
    "energy": "ed",
    "epps singleton": "es",
    "fisher s exact": "fisher_exact",
    "g": "g_test",
    "hellinger": "hellinger",
    "mann whitney u rank": "mannw",
    "t": "t_test",
    "total variation": "TVD",
    "emperical mmd": "emperical_mmd",
}
"""Evidently's methods by the names that reports before 0.7 show, less what ``_NOISE`` takes out."""
_NOISE: Final = re.compile(r"p[_ -]?value|\b(?:test|distance|divergence|normed)\b|[^a-z]+")
_P_VALUE: Final = re.compile(r"p[_ -]?value$", re.IGNORECASE)

DEEPCHECKS: Final[dict[str, Method]] = {
    "Kolmogorov-Smirnov": ("ks", "distance"),
    "Cramer's V": ("cramers_v", "distance"),
    "PSI": ("psi", "distance"),
    "Earth Mover's Distance": ("wasserstein", "distance"),
}
"""Methods of Deepchecks, which shows the statistic of Kolmogorov-Smirnov and not its p-value."""


_SPELT: Final[dict[str, str]] = {
    spelling.replace("-", ""): name
    for name, spellings in {
        "psi": "psi populationstabilityindex",
        "js": "js jensenshannon jensenshannondistance jsdistance",
        "kl": "kl kldiv kldivergence kullbackleibler kullbackleiblerdivergence",
        "wasserstein": "wasserstein wassersteindistance earthmover earthmovers "
        "earthmoverdistance earthmoversdistance emd",
        "hellinger": "hellinger hellingerdistance",
        "energy": "energy energydistance",
        "ks": "ks kstest ksdrift ks2samp kolmogorovsmirnov kolmogorovsmirnovtest "
        "kolmogorovsmirnovks",
        "chi2": "chi2 chi2test chisquare chisquared chisquaretest chisquaredtest chisquaredrift "
        "pearsonchisquare",
        "cramers_v": "cramersv cramerv",
        "cramer_von_mises": "cramervonmises cvm cvmdrift",
        "anderson": "anderson andersondarling andersonksamp",
        "fisher_exact": "fisherexact fishersexact fishersexacttest fet fetdrift",
        "mann_whitney": "mannwhitney mannwhitneyu mannw",
        "epps_singleton": "eppssingleton",
        "t_test": "t-test student-t students-t-test",
        "g_test": "gtest",
        "tvd": "tvd totalvariation totalvariationdistance",
        "mmd": "mmd mmddrift maximummeandiscrepancy empericalmmd",
        "lsdd": "lsdd lsdddrift leastsquaresdensitydifference",
        "l_infinity": "linfinity linfinitydistance linf chebyshev",
    }.items()
    for spelling in spellings.split()
}
"""Canonical names by what tools and people write, less all but letters and digits.

Names of scipy, Evidently, NannyML, Alibi Detect, Deepchecks and whylogs. The divergence of Jensen
and Shannon is the square of their distance and stays a method of its own.
"""
_SIGNS: Final = re.compile(r"[^a-z0-9]+")
_REMEMBERED: Final = 1024


@lru_cache(_REMEMBERED)
def tidy_method(written: str | None) -> str | None:
    """Return the name of a method that somebody wrote out: ``psi`` for Population Stability Index.

    A method that is not known stays as it is, in lower case without blanks around.
    """
    if written is None:
        return None
    plain = seen_as(written).strip().lower()
    return _SPELT.get(_SIGNS.sub("", plain), plain) or None


def method_of(raw: Json) -> tuple[str | None, Statistic | None]:
    """Return the canonical name of a method of Evidently, and what its number is, if known."""
    name = word(raw)
    if name is None:
        return None, None
    if name in METHODS:
        return METHODS[name]
    plain = " ".join(_NOISE.sub(" ", name.lower().replace("_", " ")).split())
    if plain in _SHOWN:
        return METHODS[_SHOWN[plain]]
    return name, "p_value" if _P_VALUE.search(name) else None
