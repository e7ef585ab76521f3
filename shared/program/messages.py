"""What the command says about a file, in Chinese and English: for each code a sentence and what to write instead.

Fields stand in braces. Where there is a suggestion, a code with `?` is used, else the suggestion is the remedy.
"""

from collections.abc import Mapping
from typing import Final, Literal

from shared.program.messages_en import EN
from shared.program.messages_zh import ZH

Language = Literal["zh", "en"]
_Pair = tuple[str, str]


_WRITE: Final[Mapping[Language, str]] = {"zh": "改成 {suggestion}", "en": "write {suggestion}"}
"""The remedy where there is a suggestion."""
TEXTS: Final[Mapping[Language, Mapping[str, _Pair]]] = {"zh": ZH, "en": EN}
WANTED: Final[Mapping[str, Mapping[Language, str]]] = {
    "text": {"zh": "文字", "en": "text"},
    "boolean": {"zh": " true 或 false", "en": "true or false"},
}


def texts(code: str, fields: Mapping[str, object], language: Language) -> _Pair:
    """Give the sentence and the remedy of a finding."""
    table = TEXTS[language]
    message, remedy = table[code]
    if fields.get("suggestion"):
        message, remedy = table.get(f"{code}?", (message, _WRITE[language]))
    return message.format(**fields), remedy.format(**fields)


def joined(values: object, language: Language) -> str:
    """Write a list of words as the language does."""
    words = [str(value) for value in values] if isinstance(values, list | tuple) else [str(values)]
    return ("、" if language == "zh" else ", ").join(words)
