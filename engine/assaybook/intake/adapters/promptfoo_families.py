"""Families of promptfoo's red-team plugins and strategies, by their ids.

Source: the plugin and strategy pages of promptfoo 0.121. A strategy that is a technique of attack
decides; else what the plugin is after does. Plugins of bias, hallucination, agency, access and of
single trades are no attack of these families, so theirs is unknown.
"""

from typing import Final, Literal

Family = Literal["evasion", "poisoning", "prompt_injection", "jailbreak", "toxicity", "leakage"]

_JAILBREAKS: Final = frozenset(
    {
        *("authoritative-markup-injection", "best-of-n", "citation", "crescendo", "gcg"),
        *("goat", "mischievous-user", "likert", "pandamonium", "simba"),
    }
)
_PLUGINS: Final[dict[str, Family]] = {
    "aegis": "toxicity",
    "agentic:memory-poisoning": "poisoning",
    "ascii-smuggling": "prompt_injection",
    "beavertails": "toxicity",
    "cca": "jailbreak",
    "cross-session-leak": "leakage",
    "cyberseceval": "prompt_injection",
    "data-exfil": "leakage",
    "divergent-repetition": "leakage",
    "donotanswer": "toxicity",
    "financial:confidential-disclosure": "leakage",
    "financial:data-leakage": "leakage",
    "harmbench": "toxicity",
    "harmful": "toxicity",
    "harmful:privacy": "leakage",
    "hijacking": "prompt_injection",
    "indirect-prompt-injection": "prompt_injection",
    "insurance:data-disclosure": "leakage",
    "insurance:phi-disclosure": "leakage",
    "pii": "leakage",
    "pliny": "jailbreak",
    "prompt-extraction": "leakage",
    "rag-document-exfiltration": "leakage",
    "rag-poisoning": "poisoning",
    "shell-injection": "prompt_injection",
    "special-token-injection": "prompt_injection",
    "sql-injection": "prompt_injection",
    "ssrf": "prompt_injection",
    "system-prompt-override": "prompt_injection",
    "telecom:cpni-disclosure": "leakage",
    "telecom:location-disclosure": "leakage",
    "toxic-chat": "toxicity",
    "unsafebench": "toxicity",
    "vlguard": "toxicity",
    "vlsu": "toxicity",
}


def family_of(plugin: str, strategy: str | None) -> Family | None:
    """Return the family of an attack; ``harmful:hate`` is of the family of ``harmful``."""
    technique = (strategy or "").partition(":")[0]
    if technique == "jailbreak" or technique in _JAILBREAKS:
        return "jailbreak"
    if technique == "prompt-injection" or technique.startswith("indirect-"):
        return "prompt_injection"
    return _PLUGINS.get(plugin) or _PLUGINS.get(plugin.partition(":")[0])
