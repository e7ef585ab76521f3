"""From a checked rule to what functions work with: limits, budgets, expiry, and rules for what is no purchase."""

from collections.abc import Mapping
from dataclasses import replace

from shared.program.actions import ActionGive, ActionRule, Choice, Evidence, FirstMatch, GiftReward, Streak
from shared.program.currency import to_minor
from shared.program.expiry import ExpirePolicy, ExpiryMode, RoundTo
from shared.program.rules import Budget, FixedPoints, RuleLimit, When
from shared.program.schema_rules import EarnPart, GivePart, WhenPart


def rule_limit(rule: EarnPart) -> RuleLimit | None:
    return RuleLimit(per_member=rule.limit.per_member, every=rule.limit.every) if rule.limit else None


def rule_budget(rule: EarnPart) -> Budget | None:
    budget = rule.budget
    return Budget(points_total=budget.points_total, per_member_per_day=budget.per_member_per_day) if budget else None


def rule_expire(rule: EarnPart) -> ExpirePolicy | None:
    expire = rule.expire
    if expire is None:
        return None
    return ExpirePolicy(
        mode=ExpiryMode(expire.mode),
        months=expire.months or 0,
        days=expire.days or 0,
        round_to=expire.round_to or RoundTo.DAY,
    )


def action_rule(rule: EarnPart, when: When, currency: str, rewards: Mapping[str, str]) -> ActionRule:
    """Compile a rule on something else than a purchase; `rewards` are the names of the catalogue's, by id."""
    least = rule.when.min_amount if rule.when else None
    return ActionRule(
        id=rule.id,
        name=rule.name,
        on=rule.on,
        give=_give(rule.give, rewards),
        when=replace(when, min_amount_minor=None),
        evidence=replace(_evidence(rule.when), min_amount_minor=None if least is None else to_minor(least, currency)),
        limit=rule_limit(rule),
        budget=rule_budget(rule),
        once_per_subject=rule.once_per_subject,
        expire=rule_expire(rule),
        to=rule.give.to,
        confirmed_by=None if rule.confirmed_by == "event" else rule.confirmed_by,
    )


def _evidence(when: WhenPart | None) -> Evidence:
    if when is None:
        return Evidence()
    return Evidence(
        min_likes=when.min_likes,
        min_chars=when.min_chars,
        has_photo=when.has_photo,
        page=when.page,
        equals=dict(when.equals) if when.equals else None,
        streak_days=when.streak_days,
    )


def _give(give: GivePart, rewards: Mapping[str, str]) -> ActionGive:
    if give.reward is not None:
        return GiftReward(reward_id=give.reward, name=rewards[give.reward])
    if give.streak is not None:
        return Streak(points=tuple(give.streak), after_last=give.after_last or "repeat")
    if give.first_match is not None:
        choices = (Choice(points=choice.points, when=_evidence(choice.when)) for choice in give.first_match)
        return FirstMatch(choices=tuple(choices))
    return FixedPoints(points=give.points or 0)  # the checks have seen to it that there are some
