"""Families of garak's probes, by module; a probe that fits none has no family.

Source: the module documentation of garak 0.9 to 0.17. Probes of hallucination, malware, refusal of
topics and the like are no attack of these families, so theirs is unknown.
"""

from typing import Final, Literal

Family = Literal["evasion", "prompt_injection", "jailbreak", "toxicity", "leakage"]

FAMILIES: Final[dict[str, Family]] = {
    "agent_breaker": "prompt_injection",
    "ansiescape": "prompt_injection",
    "apikey": "leakage",
    "art": "toxicity",
    "atkgen": "toxicity",
    "badchars": "evasion",
    "continuation": "toxicity",
    "dan": "jailbreak",
    "divergence": "leakage",
    "doctor": "jailbreak",
    "donotanswer": "toxicity",
    "dra": "jailbreak",
    "encoding": "prompt_injection",
    "exploitation": "prompt_injection",
    "fitd": "jailbreak",
    "gcg": "jailbreak",
    "goat": "jailbreak",
    "grandma": "jailbreak",
    "knownbadsignatures": "prompt_injection",
    "latentinjection": "prompt_injection",
    "leakreplay": "leakage",
    "lmrc": "toxicity",
    "phrasing": "jailbreak",
    "promptinject": "prompt_injection",
    "propile": "leakage",
    "realtoxicityprompts": "toxicity",
    "replay": "leakage",
    "sata": "jailbreak",
    "smuggling": "jailbreak",
    "suffix": "jailbreak",
    "sysprompt_extraction": "leakage",
    "tap": "jailbreak",
    "visual_jailbreak": "jailbreak",
    "web_injection": "prompt_injection",
    "xss": "prompt_injection",
}
"""``knownbadsignatures``, ``gcg``, ``art`` and ``replay`` are older names."""


def family_of(probe: str) -> Family | None:
    """Return the family of a probe such as ``dan.AntiDAN`` (``probes.dan.AntiDAN`` too)."""
    return FAMILIES.get(probe.removeprefix("garak.").removeprefix("probes.").partition(".")[0])
