"""What a message says, in Chinese and English. Pure: the same message always says the same."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from shared.messages.message import Kind, Language, Message
from shared.program.currency import format_minor


class Told(NamedTuple):
    title: str
    text: str


def told(message: Message, language: Language) -> Told:
    return _TELLERS[message.notice.kind](message.notice.details, chinese=language == "zh-CN")


def sms_text(message: Message, sender: str) -> str:
    """Write a message for a phone: who sends it stands first, as Chinese operators demand."""
    return f"【{sender}】{told(message, message.language).text}"


def _expiring(details: Mapping[str, Any], *, chinese: bool) -> Told:
    points, day, unit = details["points"], details["valid_through"], details["unit"]
    reward, price = details.get("reward_name"), details.get("reward_points")
    if chinese:
        now = f"现在即可兑换：{reward}（{price}{unit}）。" if reward else ""
        return Told("积分即将到期", f"您有{points}{unit}的有效期至{day}，逾期作废。{now}")
    now = f" You can redeem now: {reward} ({price} points)." if reward else ""
    return Told("Points are about to expire", f"{points} of your points can be used through {day}.{now}")


def _changed(details: Mapping[str, Any], *, chinese: bool) -> Told:
    tier, until = details["tier_name"], details.get("valid_until")
    if chinese:
        titles = {"up": "会员升级", "kept": "会员保级成功", "down": "会员等级变更", "set": "会员等级变更"}
        texts = {
            "up": "恭喜您升级为{tier}",
            "kept": "您的{tier}已保级",
            "down": "您的会员等级现为{tier}",
            "set": "您的会员等级现为{tier}",
        }
        end = f"，有效期至{until}。" if until else "。"
    else:
        titles = {
            "up": "A higher tier",
            "kept": "Your tier is kept",
            "down": "Your tier has changed",
            "set": "Your tier has changed",
        }
        texts = {
            "up": "You have reached {tier}",
            "kept": "You keep {tier}",
            "down": "Your tier is now {tier}",
            "set": "Your tier is now {tier}",
        }
        end = f", valid through {until}." if until else "."
    direction = details["direction"]
    return Told(titles[direction], texts[direction].format(tier=tier) + end)


def _warning(details: Mapping[str, Any], *, chinese: bool) -> Told:
    tier, lower, day = details["tier_name"], details["lower_name"], details["by"]
    missing = _missing(details, chinese=chinese)
    if chinese:
        return Told("保级提醒", f"截至{day}再{missing}即可保住{tier}，否则将变为{lower}。")
    return Told("Keep your tier", f"{missing} by {day} to keep {tier}; otherwise it becomes {lower}.")


def _missing(details: Mapping[str, Any], *, chinese: bool) -> str:
    missing = details["missing"]
    match details["measure"]:
        case "amount_spent":
            amount = format_minor(missing, details["currency"])
            return f"消费{amount}" if chinese else f"Spend {amount} more"
        case "visits":
            return f"到店消费{missing}次" if chinese else f"Shop {missing} more times"
        case _:
            return f"累积{missing}{details['unit']}" if chinese else f"Earn {missing} more points"


_TELLERS: Final[Mapping[Kind, Callable[..., Told]]] = {
    Kind.POINTS_EXPIRING: _expiring,
    Kind.TIER_CHANGED: _changed,
    Kind.TIER_WARNING: _warning,
}
