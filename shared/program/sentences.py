"""The program in plain language: one sentence per rule and term, in Chinese and English, from the rules themselves.

Nothing here is written for one program: what is said is what is calculated. Names, categories and benefits are the
chain's own words and stay as they are.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from shared.program.actions import CUSTOM, ActionGive, ActionRule, Choice, FirstMatch, GiftReward, Streak
from shared.program.currency import format_minor, plain
from shared.program.expiry import ExpirePolicy, ExpiryMode, RoundTo
from shared.program.model import AlreadySpent, Program, Rounding, Tiers
from shared.program.phrases import condition_phrases, evidence_phrases
from shared.program.rules import (
    Budget,
    Count,
    EarnRule,
    ExtraPercent,
    FixedPoints,
    Give,
    Multiply,
    PerAmount,
    RuleLimit,
    Step,
    Steps,
)


class Sentence(NamedTuple):
    """One thing said in both languages."""

    zh: str
    en: str


_ROUNDED: Final = {
    RoundTo.DAY: ("", ""),
    RoundTo.END_OF_MONTH: ("，至到期当月月底", ", to the end of that month"),
    RoundTo.END_OF_QUARTER: ("，至到期当季季末", ", to the end of that quarter"),
    RoundTo.END_OF_YEAR: ("，至到期当年年底", ", to the end of that year"),
}
_ALREADY_SPENT: Final = {
    AlreadySpent.ALLOW_NEGATIVE: ("已经花掉的部分记为欠分。", "what is spent already is owed."),
    AlreadySpent.WITHIN_BALANCE: ("最多扣到 0 为止。", "no more than the balance is taken."),
    AlreadySpent.FORGIVE: ("已经花掉的部分不再追回。", "what is spent already is let go."),
}
_EVERY: Final = {
    "day": ("每天", "a day"),
    "week": ("每周", "a week"),
    "month": ("每月", "a month"),
    "year": ("每年", "a year"),
    None: ("一共", "in all"),
}
_ACTIONS: Final = {
    "check_in": ("签到", "checking in"),
    "follow": ("关注", "following us"),
    "share": ("分享", "sharing"),
    "review": ("评价", "a review"),
    "survey": ("填问卷", "a survey"),
    "browse": ("浏览", "browsing"),
    "enroll": ("注册（手机号已验证）", "joining with a proven phone"),
    "referral_enrolled": ("邀请好友注册", "inviting a friend who joins"),
    "referral_first_order": ("受邀好友的首单", "the first order of an invited friend"),
}
_TO: Final = {
    None: ("", ""),
    "referrer": ("邀请人", " to whoever invited"),
    "friend": ("好友", " to the friend"),
    "both": ("双方各", " to both"),
}
_METHODS: Final = {
    "cash": ("现金", "cash"),
    "card": ("银行卡", "card"),
    "wechat_pay": ("微信支付", "WeChat Pay"),
    "alipay": ("支付宝", "Alipay"),
    "stored_value": ("储值", "stored value"),
}
_MEASURES: Final = {
    "points_earned": ("累计积分", "points earned"),
    "amount_spent": ("累计消费", "the amount spent"),
    "visits": ("消费次数", "visits"),
}


def rule_sentence(rule: EarnRule, program: Program) -> Sentence:
    """Say what a rule gives, and when."""
    zh, en = _given(rule.give, program.currency)
    phrases = list(condition_phrases(rule.when, program))
    when_zh = "，".join(phrase.zh for phrase in phrases)
    when_en = " ".join(phrase.en for phrase in phrases)
    within = _within(rule)
    zh = f"{when_zh}：{zh}" if phrases else zh
    en = " ".join(part for part in (en, within.en, when_en) if part)
    return Sentence(zh=f"{zh}{within.zh}。", en=f"{en}.")


def sentence_of(rule: EarnRule | ActionRule, program: Program) -> Sentence:
    """Say what any rule gives, and for what."""
    return action_sentence(rule, program) if isinstance(rule, ActionRule) else rule_sentence(rule, program)


def action_sentence(rule: ActionRule, program: Program) -> Sentence:
    """Say what a rule on something else than a purchase gives, and for what."""
    zh, en = _given_for(rule.give, program)
    to_zh, to_en = _TO[rule.to]
    zh, en = to_zh + zh, en + to_en
    if rule.confirmed_by == "staff":
        zh, en = f"审核后{zh}", f"{en} once approved"
    within = _within(rule)
    en = f"{en} {within.en}".rstrip()
    done_zh, done_en = _ACTIONS.get(rule.on, (f"“{rule.on.removeprefix(CUSTOM)}”",) * 2)
    phrases = list(condition_phrases(rule.when, program))
    asked = evidence_phrases(rule.evidence, program)
    return Sentence(
        zh="，".join([*(phrase.zh for phrase in phrases), done_zh, *(one.zh for one in asked)])
        + f"：{zh}{within.zh}。",
        en=" ".join([f"{en} for {done_en}", *(one.en for one in asked), *(phrase.en for phrase in phrases)]) + ".",
    )


def _given_for(give: ActionGive, program: Program) -> tuple[str, str]:
    match give:
        case FixedPoints(points=points):
            return f"得 {points} 分", _points(points)
        case Streak(points=points, after_last=after):
            days = "、".join(map(str, points))
            then = ("，之后从头开始", "then anew") if after == "repeat" else ("，之后不变", "then the same")
            return (
                f"连续每天得 {days} 分{then[0]}",
                f"{', '.join(map(str, points))} points on days in a row, {then[1]},",
            )
        case GiftReward(name=name):
            return f"得{name}", name
        case FirstMatch(choices=choices):
            told = [_choice(choice, program) for choice in choices]
            return "，".join(zh for zh, _ in told), " or else ".join(en for _, en in told)


def _choice(choice: Choice, program: Program) -> tuple[str, str]:
    """Say what one of several choices gives; the last one may ask nothing."""
    asked = evidence_phrases(choice.when, program)
    if not asked:
        return f"其他得 {choice.points} 分", _points(choice.points)
    zh, en = "、".join(phrase.zh for phrase in asked), " ".join(phrase.en for phrase in asked)
    return f"{zh}得 {choice.points} 分", f"{_points(choice.points)} ({en})"


def _within(rule: EarnRule | ActionRule) -> Sentence:
    """Say how often a rule gives, how much in all, and how long what it gives lasts; in English all in brackets."""
    told: list[tuple[str, str]] = []
    if isinstance(rule, ActionRule) and rule.once_per_subject:
        told.append(("同一订单、商品或活动只给一次", "once for the same order, product or campaign"))
    if rule.limit:
        told.append(_limit(rule.limit))
    if rule.budget:
        told += _budget(rule.budget)
    if rule.expire:
        told.append(_lasting(rule.expire))
    return Sentence(zh="".join(f"，{zh}" for zh, _ in told), en=f"({', '.join(en for _, en in told)})" if told else "")


def _limit(limit: RuleLimit) -> tuple[str, str]:
    zh, en = _EVERY[limit.every]
    times = "once" if limit.per_member == 1 else f"{limit.per_member} times"
    return f"每人{zh}最多 {limit.per_member} 次", f"{times} {en}"


def _budget(budget: Budget) -> Iterator[tuple[str, str]]:
    if budget.per_member_per_day is not None:
        most = budget.per_member_per_day
        yield f"这项每人每天最多 {most} 分", f"at most {_points(most)} of it per member and day"
    if budget.points_total is not None:
        total = budget.points_total
        yield f"共 {total} 分、送完即止", f"while {_points(total)} last"


def _lasting(policy: ExpirePolicy) -> tuple[str, str]:
    """Say how long the points of one rule last, where it has an expiry of its own."""
    told = _expiry(policy)
    return told.zh.removesuffix("。").replace("积分", "所得积分", 1), told.en.removesuffix(".").replace(
        "Points", "these", 1
    )


def term_sentences(program: Program) -> Iterator[Sentence]:
    """Say how points are rounded, what earns none, when they become usable and lapse, and what a refund does."""
    points, eligible = program.points, program.eligible
    rounded = ("舍去小数", "rounded down") if points.rounding is Rounding.FLOOR else ("四舍五入", "rounded half up")
    if program.day_starts_at:
        yield Sentence(
            zh=f"营业日从 {program.day_starts_at} 开始，之前的算前一天。",
            en=f"A day begins at {program.day_starts_at}; what is earlier counts for the day before.",
        )
    yield Sentence(zh=f"每笔消费最后取整一次，{rounded[0]}。", en=f"Points are {rounded[1]} once per purchase.")
    yield _payment(sorted(eligible.payment_methods))
    if eligible.exclude_categories:
        names = sorted(eligible.exclude_categories)
        yield Sentence(zh=f"{'、'.join(names)} 不积分。", en=f"No points are given on {', '.join(names)}.")
    if program.stacking.max_multiplier is not None:
        cap = plain(program.stacking.max_multiplier)
        yield Sentence(zh=f"总倍率最高 {cap} 倍。", en=f"All multipliers together reach at most {cap}.")
    if program.safety.per_order_max_points is not None:
        most = program.safety.per_order_max_points
        yield Sentence(zh=f"每笔消费最多积 {most} 分。", en=f"One purchase earns at most {most} points.")
    if program.safety.per_member_per_day_max_points is not None:
        most = program.safety.per_member_per_day_max_points
        yield Sentence(zh=f"每天消费最多积 {most} 分。", en=f"The purchases of a day earn at most {most} points.")
    days = points.available_after_days
    yield (
        Sentence(zh=f"积分在 {days} 天后可用。", en=f"Points can be used {days} days later.")
        if days
        else Sentence(zh="积分立即可用。", en="Points can be used at once.")
    )
    yield _expiry(points.expire)
    if program.cancel_grace_days is not None:
        days = program.cancel_grace_days
        yield Sentence(
            zh=f"门店取消兑换时，其间过期的积分最多再可用 {days} 天。",
            en=f"Where the store cancels a redemption, points that lapsed meanwhile last up to {days} more days.",
        )
    taken_zh, taken_en = _ALREADY_SPENT[points.if_already_spent]
    yield Sentence(
        zh=f"退货时按原规则重算并收回差额；{taken_zh}",
        en=f"A return is calculated again by the rules of the purchase and the difference is taken back; {taken_en}",
    )


def tiers_sentence(tiers: Tiers) -> Sentence:
    """Say what a tier is reached by and how long it is kept."""
    zh, en = _MEASURES[tiers.measure]
    names = {level.id: level.name for level in tiers.levels}
    tasks_zh = "".join(f"邀请 {one.times} 位好友注册升{names.get(one.tier_id, '')}。" for one in tiers.upgrade_tasks)
    tasks_en = "".join(f" {names.get(one.tier_id, '')} by inviting {one.times} friends." for one in tiers.upgrade_tasks)
    return Sentence(
        zh=f"按{zh}定级，达标后保持 {tiers.valid_months} 个月。{tasks_zh}",
        en=f"Tiers are reached by {en} and kept for {tiers.valid_months} months.{tasks_en}",
    )


def _given(give: Give, currency: str) -> tuple[str, str]:
    match give:
        case PerAmount(points=points, per_amount_minor=per_amount_minor, count=count):
            amount = format_minor(per_amount_minor, currency)
            full_zh, full_en = ("每满", " full") if count is Count.FULL_UNITS else ("每消费", "")
            return f"{full_zh} {amount} 积 {points} 分", f"{_points(points)} for every{full_en} {amount} spent"
        case FixedPoints(points=points):
            return f"加赠 {points} 分", f"{_points(points)} extra"
        case Steps(steps=steps):
            amounts = [(format_minor(step.from_amount_minor, currency), _times(step.multiply)) for step in _told(steps)]
            return (
                "，".join(f"满 {amount} 积分 ×{times}" for amount, times in amounts),
                "Points " + ", ".join(f"×{times} from {amount}" for amount, times in amounts),
            )
        case Multiply(factor=factor):
            return f"积分 ×{_times(factor)}", f"Points ×{_times(factor)}"
        case ExtraPercent(percent=percent):
            return f"积分多 {_times(percent)}%", f"{_times(percent)}% more points"


def _told(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Leave out the step that changes nothing, from nothing on, unless there is no other."""
    return tuple(step for step in steps if step.from_amount_minor or step.multiply != 1) or steps


def _payment(methods: list[str]) -> Sentence:
    if not methods:
        return Sentence(zh="所有付款方式都积分。", en="Every way of paying earns points.")
    names = [_METHODS.get(method, (method, method)) for method in methods]
    return Sentence(
        zh=f"以下付款方式积分：{'、'.join(zh for zh, _ in names)}。",
        en=f"These ways of paying earn points: {', '.join(en for _, en in names)}.",
    )


def _points(points: int) -> str:
    return "1 point" if points == 1 else f"{points} points"


def _times(factor: Decimal) -> str:
    return str(plain(factor))


def _expiry(policy: ExpirePolicy) -> Sentence:
    zh, en = _ROUNDED[policy.round_to]
    match policy.mode:
        case ExpiryMode.MONTHS_AFTER_EARNING:
            months = policy.months
            return Sentence(zh=f"积分有效期 {months} 个月{zh}。", en=f"Points last {months} months{en}.")
        case ExpiryMode.DAYS_AFTER_EARNING:
            return Sentence(zh=f"积分有效期 {policy.days} 天{zh}。", en=f"Points last {policy.days} days{en}.")
        case ExpiryMode.END_OF_YEAR:
            return Sentence(zh="积分当年年底到期。", en="Points last to the end of the year.")
        case ExpiryMode.EXTEND_ON_ACTIVITY:
            months = policy.months
            return Sentence(
                zh=f"积分有效期 {months} 个月{zh}，每次消费都顺延。",
                en=f"Points last {months} months{en} from your latest purchase.",
            )
        case ExpiryMode.NEVER:
            return Sentence(zh="积分不会过期。", en="Points do not lapse.")
