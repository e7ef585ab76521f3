"""What a line of the ledger says to its member: the reason, in Chinese and English. S2-20."""

from typing import Final

from shared.adjustments.adjustment import Reason
from shared.http.languages import Language, Text
from shared.ledger.entries import EntryKind

_TEXTS: Final = {
    EntryKind.EARNED: Text("消费积分", "Points for a purchase"),
    EntryKind.REVERSED: Text("退货扣回积分", "Points taken back for a return"),
    EntryKind.BONUS_REVERSED: Text("退货后不再达标，奖励收回：{label}", "Bonus taken back after a return: {label}"),
    EntryKind.ACTED: Text("{label}", "{label}"),
    EntryKind.REFERRED: Text("邀请：{label}", "Referral: {label}"),
    EntryKind.REFERRAL_REVERSED: Text(
        "好友首单已退，邀请奖励收回：{label}", "The friend returned it all, taken back: {label}"
    ),
    EntryKind.REDEEMED: Text("兑换：{label}", "Redeemed: {label}"),
    EntryKind.RETURNED: Text("取消兑换，积分退回：{label}", "Cancelled, points returned: {label}"),
    EntryKind.ACTIVATED: Text("待到账积分已到账", "Pending points became available"),
    EntryKind.EXPIRED: Text("积分过期", "Points expired"),
    EntryKind.EXTENDED: Text("积分有效期延长", "Points were given more time"),
    EntryKind.REINSTATED: Text("过期积分恢复", "Expired points were given back"),
    EntryKind.ADJUSTED: Text("积分调整：{label}", "Points adjusted: {label}"),
    EntryKind.TIER_SET: Text("人工调整等级：{label}", "Tier set by hand: {label}"),
    EntryKind.FROZEN: Text("账户已冻结", "The account was frozen"),
    EntryKind.UNFROZEN: Text("账户已解冻", "The account is open again"),
    EntryKind.CLAIMED: Text("使用权益：{label}", "Benefit used: {label}"),
    EntryKind.REVIEWED: Text("等级评定：{label}", "Tier reviewed: {label}"),
}

_REASONS: Final[dict[str, Text]] = {
    Reason.MISSING_POINTS: Text("补记积分", "points that were missing"),
    Reason.CORRECTION: Text("更正差错", "a mistake put right"),
    Reason.COMPENSATION: Text("服务补偿", "an apology"),
    Reason.GOODWILL: Text("客户关怀", "goodwill"),
    Reason.CAMPAIGN: Text("活动积分", "a campaign"),
    Reason.ABUSE: Text("违规扣回", "against the rules"),
}

_HALF_VALUE: Final = Text(
    "价格 {price} 分：{halved} 分临近到期，两分抵一分",
    "Price {price} points: {halved} points were near expiry, two of them pay for one",
)


def text_of(kind: EntryKind, label: str, language: Language) -> str:
    """Say why the points moved; `label` names what it was about, such as the reward, or the code of a reason."""
    if kind is EntryKind.ADJUSTED and label in _REASONS:
        label = _REASONS[label].told(language)
    return _TEXTS[kind].told(language).replace("{label}", label).rstrip("：: ")


def half_value_text(price: int, taken: int, language: Language) -> str:
    """Say why a redemption took more points than its price."""
    told = _HALF_VALUE.told(language)
    return told.replace("{price}", str(price)).replace("{halved}", str(2 * (taken - price)))
