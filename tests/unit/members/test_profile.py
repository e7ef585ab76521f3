"""Profiles: consents as a history, a birthday set once, phones proven or not. S0-18, P3."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.errors import InvalidFieldError, LimitReachedError
from shared.members.change_profile import ProfileChange, changed_profile
from shared.members.profile import MOST_CONSENT_EVENTS, Policy, Profile, missing_consents
from shared.runtime.ids import MemberId

NOW = datetime(2026, 12, 16, 2, 21, tzinfo=UTC)
PRIVACY_1, PRIVACY_2, NEWS = (
    Policy(policy="privacy", version="1"),
    Policy(policy="privacy", version="2"),
    Policy(policy="news", version="1"),
)


def a_profile(**fields: Any) -> Profile:
    return Profile(member_id=MemberId("mem_1"), enrolled_at=NOW, **fields)


def test_s0_18_says_which_consents_are_missing() -> None:
    assert missing_consents([PRIVACY_1, NEWS], [PRIVACY_1]) == [NEWS]
    assert missing_consents([PRIVACY_2], [PRIVACY_1]) == [PRIVACY_2]
    assert missing_consents([], []) == []


def test_s0_18_a_consent_is_kept_with_its_version_and_instant() -> None:
    (event,) = a_profile().agreeing([PRIVACY_1], NOW).consents
    assert (event.policy, event.version, event.given, event.at) == ("privacy", "1", True, NOW)


def test_p3_withdrawing_is_kept_beside_what_was_given() -> None:
    profile = a_profile().agreeing([PRIVACY_1, NEWS], NOW).withdrawing(["news"], NOW + timedelta(days=1))
    assert [(event.policy, event.given) for event in profile.consents] == [
        ("privacy", True),
        ("news", True),
        ("news", False),
    ]
    assert (profile.agreed_version("news"), profile.agreed_version("privacy")) == (None, "1")


def test_the_newest_version_is_the_one_agreed_to() -> None:
    assert a_profile().agreeing([PRIVACY_1, PRIVACY_2], NOW).agreed_version("privacy") == "2"


def test_what_changes_nothing_leaves_no_event() -> None:
    profile = a_profile().agreeing([PRIVACY_1], NOW)
    assert profile.agreeing([PRIVACY_1], NOW).withdrawing(["news"], NOW) == profile


def test_p3_withdrawing_is_possible_even_when_the_history_is_full() -> None:
    profile = a_profile()
    for _ in range(MOST_CONSENT_EVENTS // 2):
        profile = profile.agreeing([NEWS], NOW).withdrawing(["news"], NOW)
    with pytest.raises(LimitReachedError):
        profile.agreeing([NEWS], NOW)
    nearly_full = a_profile(consents=profile.consents[:-1])
    assert nearly_full.withdrawing(["news"], NOW).agreed_version("news") is None


def test_a_birthday_is_set_once() -> None:
    profile = a_profile().born(date(1990, 5, 17), today=NOW.date())
    assert profile.born(date(1990, 5, 17), today=NOW.date()) == profile
    with pytest.raises(InvalidFieldError) as refused:
        profile.born(date(1990, 12, 17), today=NOW.date())
    assert refused.value.fields["errors"][0]["code"] == "set_once"


def test_a_birthday_has_been() -> None:
    with pytest.raises(InvalidFieldError):
        a_profile().born(date(2026, 12, 17), today=NOW.date())


@pytest.mark.parametrize(
    ("proven_phone", "is_proven"), [("+8613812345678", True), (None, False), ("+8613900000000", False)]
)
def test_a_phone_is_proven_only_by_the_token(proven_phone: str | None, *, is_proven: bool) -> None:
    change = ProfileChange(phone="+8613812345678", proven_phone=proven_phone)
    assert changed_profile(a_profile(), change, NOW).phone_proven is is_proven


def test_a_proven_phone_stays_proven_when_it_is_named_again() -> None:
    profile = a_profile(phone="+8613812345678", phone_proven=True)
    assert changed_profile(profile, ProfileChange(phone="+8613812345678"), NOW) == profile


def test_a_typed_phone_takes_the_place_of_a_typed_one_alone() -> None:
    change = ProfileChange(phone="+8613900000000")
    assert changed_profile(a_profile(phone="+8613812345678"), change, NOW).phone == "+8613900000000"
    with pytest.raises(InvalidFieldError) as refused:
        changed_profile(a_profile(phone="+8613812345678", phone_proven=True), change, NOW)
    assert refused.value.fields["errors"] == [{"pointer": "/phone", "code": "not_provable"}]


def test_what_is_not_given_stays() -> None:
    profile = a_profile(name="王明", phone="+8613812345678", birthday=date(1990, 5, 17))
    assert changed_profile(profile, ProfileChange(), NOW) == profile
