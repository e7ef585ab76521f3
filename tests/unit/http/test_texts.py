"""Texts: one source, two languages, no gaps. A3."""

import re

import pytest

from shared.errors import JifenError
from shared.http import problems
from shared.http.field_texts import FIELD_ERRORS, field_error_detail
from shared.http.languages import language_of
from shared.http.texts import PROBLEMS


def raisable(error: type[JifenError] = JifenError) -> set[str]:
    """Collect the codes of every error that there is."""
    own = {error.code} if "code" in vars(error) else set()
    return own.union(*(raisable(child) for child in error.__subclasses__()))


def test_every_code_has_texts_and_every_text_a_code() -> None:
    assert problems.STATUSES
    assert set(PROBLEMS) == {code for code in raisable() if not code.startswith("test-")}


def test_a3_no_text_speaks_of_how_it_is_built() -> None:
    for text in PROBLEMS.values():
        for one in (text.title, text.detail, text.remedy):
            assert not re.search(r"DynamoDB|Lambda|table|arn:|exception|Python", one.zh + one.en, re.IGNORECASE)


def test_every_text_is_in_both_languages() -> None:
    for text in [*FIELD_ERRORS.values(), *(one for texts in PROBLEMS.values() for one in (texts.title, texts.remedy))]:
        assert re.search(r"[\u4e00-\u9fff]", text.zh)
        assert not re.search(r"[\u4e00-\u9fff]", text.en)


def test_a_detail_whose_fields_are_missing_falls_back_to_the_title() -> None:
    assert PROBLEMS["insufficient-points"].detail_with({}, "en") == "Not enough points"


def test_an_unknown_field_error_still_has_a_detail() -> None:
    assert field_error_detail("brand_new", {}, "en") == "is not as required"
    assert field_error_detail("string_too_long", {}, "en") == "is not as required"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "zh-CN"),
        ("", "zh-CN"),
        ("en", "en"),
        ("en-US,en;q=0.9", "en"),
        ("zh-TW", "zh-CN"),
        ("en;q=0.5, zh;q=0.9", "zh-CN"),
        ("fr, en;q=0.1", "en"),
        ("fr", "zh-CN"),
        ("en;q=0", "zh-CN"),
        ("en;q=abc", "zh-CN"),
        ("en;q=nan", "zh-CN"),
        (",;,;q=", "zh-CN"),
        ("en," * 10_000, "en"),
    ],
)
def test_chooses_the_language_that_is_asked_for(header: str | None, language: str) -> None:
    assert language_of(header) == language
