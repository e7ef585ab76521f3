"""The languages in which callers are answered, and which of them a caller wants."""

from dataclasses import dataclass
from typing import Final, Literal

Language = Literal["zh-CN", "en"]
DEFAULT_LANGUAGE: Final[Language] = "zh-CN"


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in both languages."""

    zh: str
    en: str

    def told(self, language: Language) -> str:
        return self.zh if language == "zh-CN" else self.en


def without_region(language: Language) -> Literal["zh", "en"]:
    """Give a language as the features name it, which know no regions."""
    return "en" if language == "en" else "zh"


def language_of(accept_language: str | None) -> Language:
    """Choose between Chinese and English by Accept-Language; Chinese where it prefers neither.

    Of equal quality the first one listed wins, as RFC 9110 (12.5.4) leaves open.
    """
    best: Language = DEFAULT_LANGUAGE
    best_quality = 0.0
    for choice in (accept_language or "")[:256].split(","):
        tag, _, parameter = choice.strip().partition(";")
        language = _spoken(tag.strip().lower())
        quality = _quality(parameter)
        if language is not None and quality > best_quality:
            best, best_quality = language, quality
    return best


def _spoken(tag: str) -> Language | None:
    match tag.partition("-")[0]:
        case "zh" | "*":
            return "zh-CN"
        case "en":
            return "en"
        case _:
            return None


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
