"""Messages as values: ids, items, texts, what is due, what to redeem."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from shared.keys import Key
from shared.ledger.account import Movement, TierState
from shared.ledger.entries import Entry, EntryKind
from shared.messages.due import expiring
from shared.messages.items import message_item, message_of
from shared.messages.message import Channel, Kind, Message, Notice, State, message_id
from shared.messages.suggestion import suggestion
from shared.messages.texts import sms_text, told
from shared.messages.tier_notice import tier_notice
from shared.program.expiry import Reminder
from shared.redemption.rewards import Reward
from tests.builders import NOW, a_ladder, a_program, an_account, months, shanghai
from tests.item_size import item_bytes

TODAY = date(2026, 12, 16)


def a_message(kind: Kind = Kind.POINTS_EXPIRING, **details: Any) -> Message:
    notice = Notice(
        kind=kind,
        subject="270131",
        offset_days=30,
        due_on=date(2027, 1, 1),
        until=shanghai("2027-02-01 00:00"),
        details=details or {"points": 300, "valid_through": "2027-01-31", "unit": "积分"},
    )
    return Message(
        member_id="mem_01JF3Z8Q4X9V6T2N5R7W1Y0K8B",
        notice=notice,
        channel=Channel.APP,
        together=(Channel.APP, Channel.SMS),
        language="zh-CN",
        made_at=NOW,
    )


class TestMessage:
    def test_its_key_is_what_it_is_about(self) -> None:
        assert a_message().key == Key("MESSAGES#mem_01JF3Z8Q4X9V6T2N5R7W1Y0K8B", "270101#points-expiring#270131#30#app")

    def test_its_id_follows_from_the_key(self) -> None:
        message = a_message()
        assert message.message_id == message_id(message.key) == "msg_" + message.message_id[4:]
        assert len(message.message_id) == 30
        assert message.message_id != replace(message, channel=Channel.SMS).message_id

    @pytest.mark.parametrize(
        "message",
        [a_message(), replace(a_message(), state=State.SKIPPED, settled_at=NOW, reason="declined")],
    )
    def test_is_read_as_it_was_written(self, message: Message) -> None:
        assert message_of(message_item(message)) == message

    def test_costs_one_write_unit(self) -> None:
        details: dict[str, Any] = {"points": 10**9, "valid_through": "2027-01-31", "unit": "积分", "reward": "r" * 64}
        assert item_bytes(message_item(a_message(reward_name="餐" * 64, reward_points=10**9, **details))) < 1_024


class TestDue:
    def reminders(self, lots: dict[str, int], *days_before: int) -> list[tuple[str, int, int]]:
        program = a_program(expire=months(12, remind=Reminder(days_before=days_before, channels=("app",))))
        due = expiring(an_account(lots=lots), program, TODAY)
        return [(one.subject, one.offset_days, one.details["points"]) for one in due]

    def test_each_group_has_its_own_offset(self) -> None:
        lots = {"261216": 1, "261217": 2, "261218": 3, "261223": 4, "261224": 5, "270115": 6, "270116": 7, "~": 8}
        assert self.reminders(lots, 30, 7, 1) == [
            ("261216", 1, 1),
            ("261217", 1, 2),
            ("261218", 7, 3),
            ("261223", 7, 4),
            ("261224", 30, 5),
            ("270115", 30, 6),
        ]

    def test_the_order_of_offsets_in_the_file_does_not_matter(self) -> None:
        assert self.reminders({"261217": 2}, 1, 30, 7) == self.reminders({"261217": 2}, 30, 7, 1)

    def test_an_extended_lot_and_one_of_its_day_are_one_group(self) -> None:
        assert self.reminders({"261217": 2, "261217+": 3}, 7) == [("261217", 7, 5)]

    def test_of_the_last_day_itself(self) -> None:
        assert self.reminders({"261216": 1, "261217": 1}, 0) == [("261216", 0, 1)]


REWARDS = {
    one.id: one
    for one in (
        Reward(id="pen", name="笔", points=50),
        Reward(id="mug", name="杯", points=100),
        Reward(id="cup", name="盏", points=100),
        Reward(id="set", name="套装", points=500),
        Reward(id="secret", name="秘", points=120, hidden=True),
        Reward(id="gone", name="无", points=120, stock=9),
        Reward(id="gold", name="金", points=120, tiers=frozenset({"gold"})),
    )
}


class TestSuggestion:
    @pytest.mark.parametrize(
        ("balance", "expiring", "expected"),
        [
            (40, 40, None),
            (60, 60, "pen"),
            (120, 120, "mug"),
            (500, 30, "pen"),  # the cheapest that saves all of them
            (500, 80, "mug"),
            (500, 300, "set"),
        ],
    )
    def test_saves_most_of_them(self, balance: int, expiring: int, expected: str | None) -> None:
        account = an_account(
            lots={"261217": expiring, "271231": balance - expiring} if balance > expiring else {"261217": expiring}
        )
        found = suggestion(REWARDS, {"gone": 0}, account, TODAY, expiring=expiring, halved_through=None)
        assert (found.id if found else None) == expected


class TestTexts:
    @pytest.mark.parametrize(
        ("measure", "missing", "zh", "en"),
        [
            ("amount_spent", 12_000, "消费¥120.00", "Spend ¥120.00 more"),
            ("visits", 2, "到店消费2次", "Shop 2 more times"),
            ("points_earned", 5, "累积5积分", "Earn 5 more points"),
        ],
    )
    def test_what_is_missing_is_told_in_the_measure(self, measure: str, missing: int, zh: str, en: str) -> None:
        message = a_message(
            Kind.TIER_WARNING,
            tier_name="金卡",
            lower_name="银卡",
            by="2027-01-14",
            missing=missing,
            measure=measure,
            currency="CNY",
            unit="积分",
        )
        assert told(message, "zh-CN").text == f"截至2027-01-14再{zh}即可保住金卡，否则将变为银卡。"
        assert told(message, "en").text == f"{en} by 2027-01-14 to keep 金卡; otherwise it becomes 银卡."

    @pytest.mark.parametrize("direction", ["up", "kept", "down", "set"])
    def test_every_direction_has_a_text_in_both_languages(self, direction: str) -> None:
        message = a_message(Kind.TIER_CHANGED, direction=direction, tier_name="金卡", valid_until="2027-12-31")
        for language in ("zh-CN", "en"):
            title, text = told(message, language)
            assert title
            assert "金卡" in text
            assert "2027-12-31" in text

    def test_a_text_message_names_its_sender(self) -> None:
        assert sms_text(a_message(), "门店").startswith("【门店】您有300积分")


class TestTierNotice:
    PROGRAM = a_program(tiers=a_ladder())

    def entry(self, tier: TierState | None, kind: EntryKind = EntryKind.EARNED, **details: Any) -> Entry:
        return Entry(
            key=Key("SALE#S#1", "SALE"),
            kind=kind,
            member_id="mem_A",
            posted_at=shanghai("2026-12-17 00:30"),
            account_version=17,
            position=1,
            occurred_at=NOW,
            movement=Movement(tier=tier),
            balance=an_account().balance,
            details=details,
        )

    @pytest.mark.parametrize(
        ("kind", "tier", "before", "expected"),
        [
            (EntryKind.EARNED, "silver", None, "up"),
            (EntryKind.REVIEWED, "gold", "gold", "kept"),
            (EntryKind.REVIEWED, "silver", "gold", "down"),
            (EntryKind.REVERSED, "normal", None, "down"),
            (EntryKind.BONUS_REVERSED, "normal", None, "down"),
            (EntryKind.REFERRAL_REVERSED, "silver", None, "down"),
            (EntryKind.REDEEMED, "gold", None, "up"),
            (EntryKind.REFERRED, "silver", None, "up"),
            (EntryKind.TIER_SET, "normal", None, "set"),
        ],
    )
    def test_says_in_which_direction(self, kind: EntryKind, tier: str, before: str | None, expected: str) -> None:
        details = {"from": before} if before else {}
        notice = tier_notice(self.entry(TierState(tier_id=tier), kind, **details), self.PROGRAM)
        assert notice
        assert notice.details["direction"] == expected

    def test_an_upgrade_remembers_where_it_came_from(self) -> None:
        state = TierState(
            tier_id="silver", since=TODAY, valid_until=date(2027, 12, 16), before=TierState(tier_id="normal")
        )
        notice = tier_notice(self.entry(state), self.PROGRAM)
        assert notice
        assert (notice.subject, notice.due_on) == ("0000017.01", date(2026, 12, 17))
        assert notice.details == {
            "direction": "up",
            "tier": "silver",
            "tier_name": "银卡会员",
            "valid_until": "2027-12-16",
        }

    def test_nothing_where_nothing_changed_or_there_are_no_tiers(self) -> None:
        assert tier_notice(self.entry(None), self.PROGRAM) is None
        assert tier_notice(self.entry(TierState(tier_id="silver")), a_program()) is None
