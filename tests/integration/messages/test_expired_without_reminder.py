"""No points expire without a reminder having been sent to a member who takes messages. Both sides."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from shared.messages.message import Channel, Kind
from shared.messages.settings import Settings
from shared.program.rules import Hours
from tests.builders import LONG_AGO, a_program, months, publish
from tests.integration.messages.people import Messenger, Shop, by_sms, reminding_policy

Lapse = Callable[..., int]
OFF = Settings(channels={Kind.POINTS_EXPIRING: ()}, changed_at=LONG_AGO)


@pytest.fixture
def lapse(shop: Shop, messenger: Messenger, capsys: pytest.CaptureFixture[str]) -> Lapse:
    """Let a member's points lapse, and give how many lapses the messenger counts as untold."""

    def lapsing(member: str, *, at: str = "2027-01-02 00:10") -> int:
        messenger.run()
        capsys.readouterr()
        shop.at(at)
        shop.touch(member)
        messenger.run()
        lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
        assert any("ExpiredWithoutReminder" in line for line in lines)
        return sum(line.get("ExpiredWithoutReminder", 0) for line in lines)

    return lapsing


@pytest.fixture
def open_shop(shop: Shop) -> Callable[..., Shop]:
    def opening(**others: Any) -> Shop:
        publish(shop.ledger, a_program(expire=others.pop("expire", reminding_policy("app", "sms")), **others))
        return shop

    return opening


def test_no_points_lapse_untold_where_the_sweep_runs(open_shop: Callable[..., Shop], lapse: Lapse) -> None:
    shop = open_shop()
    member = shop.member()
    shop.buy(member, 300)
    shop.at("2026-12-25 12:00")
    shop.remind(member)

    assert lapse(member) == 0


def test_points_that_lapse_untold_are_counted(
    open_shop: Callable[..., Shop], lapse: Lapse, messenger: Messenger
) -> None:
    shop = open_shop()
    member = shop.member()
    shop.buy(member, 300)

    assert lapse(member) == 1
    expired = [messenger.record(item) for item in shop.items() if item.get("k") == "expired"]
    assert messenger.take(expired) == []  # the record comes again: an alarm may count it twice, nobody is told twice


def test_a_reminder_that_was_made_and_never_told_is_none(open_shop: Callable[..., Shop], lapse: Lapse) -> None:
    shop = open_shop()
    never = Hours(start=0, end=23 * 60 + 59)
    member = shop.member(settings=Settings(quiet_hours=never, changed_at=LONG_AGO))
    shop.buy(member, 300)
    shop.at("2026-12-31 12:00")
    shop.remind(member)

    assert lapse(member) == 1


def test_a_purchase_that_finds_them_lapsed_counts_as_the_sweep_does(
    open_shop: Callable[..., Shop], messenger: Messenger, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = open_shop()
    member = shop.member()
    shop.buy(member, 300)
    messenger.run()
    shop.at("2027-01-05 12:00")
    capsys.readouterr()
    shop.buy(member, 10)
    messenger.run()

    assert '"ExpiredWithoutReminder":1' in capsys.readouterr().err


@pytest.mark.parametrize("settings", [OFF, Settings(enabled=False, changed_at=LONG_AGO)])
def test_who_takes_no_reminders_is_not_counted(
    open_shop: Callable[..., Shop], lapse: Lapse, settings: Settings
) -> None:
    shop = open_shop()
    member = shop.member(settings=settings)
    shop.buy(member, 300)

    assert lapse(member) == 0


def test_who_can_be_reached_by_no_channel_is_not_counted(open_shop: Callable[..., Shop], lapse: Lapse) -> None:
    shop = open_shop()
    member = shop.member(phone=None, settings=by_sms())
    shop.buy(member, 300)

    assert lapse(member) == 0


def test_who_began_to_take_them_too_late_is_not_counted(open_shop: Callable[..., Shop], lapse: Lapse) -> None:
    shop = open_shop()
    member = shop.member(settings=OFF)
    shop.buy(member, 300)
    shop.at("2027-01-01 20:00")
    shop.choose(member, Settings(channels={Kind.POINTS_EXPIRING: (Channel.APP,)}, changed_at=shop.clock()))

    assert lapse(member) == 0


def test_points_that_came_after_the_last_reminder_are_not_counted(open_shop: Callable[..., Shop], lapse: Lapse) -> None:
    shop = open_shop(pending_days=0)
    member = shop.member()
    publish(shop.ledger, a_program(expire=reminding_policy("app", number=0)))
    shop.at("2027-01-01 20:00")
    shop.buy(member, 300)  # good for today alone

    assert lapse(member) == 0


def test_a_program_without_reminders_counts_nothing(open_shop: Callable[..., Shop], lapse: Lapse) -> None:
    shop = open_shop(expire=months(1))
    member = shop.member()
    shop.buy(member, 300)

    assert lapse(member) == 0
