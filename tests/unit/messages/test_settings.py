"""How a member is told: channels that follow from consent, and quiet hours on the clock of the member's zone. P3."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from shared.members.profile import ConsentEvent, Policy, Profile
from shared.messages.items import settings_item, settings_of
from shared.messages.message import Channel, Kind
from shared.messages.settings import Recipient, Settings, channels_offered, channels_taken, quiet_until
from shared.program.expiry import Reminder
from shared.program.rules import Hours
from shared.runtime.ids import MemberId
from tests.builders import LONG_AGO, a_program, months, shanghai

APP, EMAIL, SMS = Channel.APP, Channel.EMAIL, Channel.SMS
EVERY = (APP, EMAIL, SMS)
NIGHT = Hours(start=21 * 60, end=9 * 60)
PRIVACY = Policy(policy="privacy", version="1")


def a_recipient(settings: Settings | None = None, *, proven: bool = True, given: bool = True) -> Recipient:
    consent = ConsentEvent(policy="privacy", version="1", given=True, at=LONG_AGO)
    profile = Profile(
        member_id=MemberId("mem_A"), enrolled_at=LONG_AGO, phone="+86138", phone_proven=proven, consents=(consent,)
    )
    profile = profile if given else profile.withdrawing(["privacy"], LONG_AGO)
    return Recipient(profile=profile, settings=settings or Settings())


def taken(recipient: Recipient | None, offered: tuple[Channel, ...] = EVERY) -> tuple[Channel, ...]:
    return channels_taken(recipient, Kind.POINTS_EXPIRING, offered, (PRIVACY,))


def chosen(*channels: Channel) -> Settings:
    return Settings(channels={Kind.POINTS_EXPIRING: channels})


class TestChannels:
    @pytest.mark.parametrize(
        ("settings", "expected"),
        [
            (None, (APP, EMAIL)),
            (chosen(SMS), (SMS,)),
            (chosen(SMS, APP), (APP, SMS)),
            (chosen(), ()),
            (Settings(enabled=False, channels=chosen(APP).channels), ()),
        ],
    )
    def test_follow_from_what_is_chosen(self, settings: Settings | None, expected: tuple[Channel, ...]) -> None:
        assert taken(a_recipient(settings)) == expected

    def test_texts_need_a_proven_phone(self) -> None:
        assert taken(a_recipient(chosen(APP, SMS), proven=False)) == (APP,)

    def test_only_what_the_chain_offers(self) -> None:
        assert taken(a_recipient(chosen(EMAIL, SMS)), offered=(APP, SMS)) == (SMS,)

    def test_p3_none_after_a_consent_is_withdrawn(self) -> None:
        assert taken(a_recipient(given=False)) == ()

    def test_p3_some_again_after_it_is_given_again(self) -> None:
        withdrawn = a_recipient(given=False)
        again = withdrawn.profile.agreeing([PRIVACY], LONG_AGO)
        assert taken(Recipient(profile=again, settings=Settings())) == (APP, EMAIL)

    def test_nobody_takes_none(self) -> None:
        assert taken(None) == ()

    def test_the_program_offers_what_it_reminds_by(self) -> None:
        remind = Reminder(days_before=(30,), channels=("sms", "app"))
        assert channels_offered(a_program(expire=months(12, remind=remind))) == (SMS, APP)
        assert channels_offered(a_program()) == (APP,)


def local(zone: str, text: str, *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


class TestQuietHours:
    @pytest.mark.parametrize(
        ("now", "until"),
        [
            ("2026-12-16 20:59", None),
            ("2026-12-16 21:00", "2026-12-17 09:00"),
            ("2026-12-16 23:59", "2026-12-17 09:00"),
            ("2026-12-17 00:00", "2026-12-17 09:00"),
            ("2026-12-17 08:59", "2026-12-17 09:00"),
            ("2026-12-17 09:00", None),
        ],
    )
    def test_run_past_midnight(self, now: str, until: str | None) -> None:
        assert quiet_until(shanghai(now), "Asia/Shanghai", NIGHT) == (shanghai(until) if until else None)

    def test_within_a_day(self) -> None:
        noon = Hours(start=12 * 60, end=14 * 60 + 30)
        assert quiet_until(shanghai("2026-12-16 13:00"), "Asia/Shanghai", noon) == shanghai("2026-12-16 14:30")
        assert quiet_until(shanghai("2026-12-16 14:30"), "Asia/Shanghai", noon) is None

    def test_none_at_all(self) -> None:
        assert quiet_until(shanghai("2026-12-16 03:00"), "Asia/Shanghai", None) is None

    @pytest.mark.parametrize(
        ("evening", "hours"),
        [
            ("2026-03-28 21:00", 11),  # the night in which Berlin's clocks go forward
            ("2026-10-24 21:00", 13),  # the night in which they go back
            ("2026-06-01 21:00", 12),
        ],
    )
    def test_over_a_change_of_clocks_they_end_at_nine(self, evening: str, hours: int) -> None:
        now = local("Europe/Berlin", evening)
        until = quiet_until(now, "Europe/Berlin", NIGHT)
        assert until == now + timedelta(hours=hours)
        assert quiet_until(until, "Europe/Berlin", NIGHT) is None

    def test_an_end_within_the_hour_that_does_not_exist(self) -> None:
        """Half past two is skipped in Berlin on 29 March: they end when clocks show three."""
        early = Hours(start=60, end=2 * 60 + 30)
        now = local("Europe/Berlin", "2026-03-29 01:59")
        until = quiet_until(now, "Europe/Berlin", early)
        assert until is not None
        assert quiet_until(until, "Europe/Berlin", early) is None
        assert quiet_until(now + timedelta(minutes=1), "Europe/Berlin", early) is None

    def test_an_end_within_the_hour_that_comes_twice(self) -> None:
        """Clocks go back into the quiet hours: they begin again, and end at the second half past two."""
        early = Hours(start=60, end=2 * 60 + 30)
        first, second = (local("Europe/Berlin", "2026-10-25 02:10", fold=fold) for fold in (0, 1))
        assert quiet_until(first, "Europe/Berlin", early) is not None
        assert quiet_until(second, "Europe/Berlin", early) is not None
        assert quiet_until(local("Europe/Berlin", "2026-10-25 02:30", fold=1), "Europe/Berlin", early) is None


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(quiet_hours=None, enabled=False),
        Settings(
            language="en",
            zone="Europe/Berlin",
            quiet_hours=Hours(start=0, end=60),
            channels={Kind.POINTS_EXPIRING: (APP, SMS), Kind.TIER_CHANGED: ()},
            changed_at=shanghai("2026-12-16 10:00"),
        ),
    ],
)
def test_settings_are_read_as_they_were_written(settings: Settings) -> None:
    assert settings_of(settings_item("mem_A", settings)) == settings
