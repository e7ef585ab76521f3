"""From the checked file to the program that functions calculate with: yuan to fen, names to numbers, all exact."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from shared.program.canonical import category_map_ref
from shared.program.catalog import CatalogItem, CatalogLimit
from shared.program.compile_rules import action_rule, rule_budget, rule_expire, rule_limit
from shared.program.currency import to_minor
from shared.program.expiry import ExpirePolicy, ExtendOnce, Reinstate, Reminder, RoundTo
from shared.program.model import (
    Benefit,
    Eligible,
    KeepTask,
    Level,
    Notice,
    PointsPolicy,
    Program,
    Safety,
    Stacking,
    Tiers,
    UpgradeTask,
)
from shared.program.rules import (
    Count,
    EarnRule,
    ExtraPercent,
    FixedPoints,
    Give,
    Multiply,
    PerAmount,
    Step,
    Steps,
    Totals,
    When,
)
from shared.program.schema import CatalogPart, ExpirePart, ProgramFile, TiersPart
from shared.program.schema_rules import EarnPart, GivePart, WhenPart
from shared.program.store import Draft
from shared.program.timeline import Schedule
from shared.program.zones import zone_named

PURCHASE = "purchase"
UNPUBLISHED = 0
"""The version of a program that has no number yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """What a file means: the draft of a version, and the rewards, which are published on their own."""

    draft: Draft
    catalog: tuple[CatalogItem, ...]


def compile_file(file: ProgramFile, category_map: dict[str, str]) -> Compiled:
    """Compile a file without errors. The program has no number yet (`UNPUBLISHED`)."""
    currency = file.currency
    rewards = {reward.id: reward.name for reward in file.redeem.catalog}
    program = Program(
        version=UNPUBLISHED,
        name=file.program,
        zone=file.timezone,
        currency=currency,
        points=_points(file),
        eligible=Eligible(
            amount=file.eligible.amount,
            payment_methods=frozenset(file.eligible.payment_methods or ()),
            exclude_categories=frozenset(file.eligible.exclude_categories),
            category_map=category_map_ref(category_map) if category_map else None,
        ),
        tiers=_tiers(file.tiers, currency) if file.tiers else None,
        stacking=Stacking(campaigns=file.stacking.campaigns, max_multiplier=file.stacking.max_multiplier),
        earn=tuple(_rule(rule, currency) for rule in file.earn if rule.on == PURCHASE),
        actions=tuple(
            action_rule(rule, _when(rule.when or WhenPart(), currency), currency, rewards)
            for rule in file.earn
            if rule.on != PURCHASE
        ),
        safety=Safety(
            per_order_max_points=file.safety.per_order_max_points,
            per_member_per_day_max_points=file.safety.per_member_per_day_max_points,
        ),
        day_starts_at=file.day_starts_at,
        cancel_grace_days=file.redeem.cancel_grace_days,
        notice=Notice(days_before=file.notice.days_before, text=file.notice.text.strip()) if file.notice else None,
    )
    return Compiled(
        draft=Draft(program=program, category_map=category_map, schedule=_schedule(file), notice=program.notice),
        catalog=tuple(_reward(reward, currency) for reward in file.redeem.catalog),
    )


def _schedule(file: ProgramFile) -> Schedule:
    effective = in_zone(file.effective, file.timezone)
    if file.rollout is None:
        return Schedule(effective=effective)
    return Schedule(
        effective=effective,
        pilot_stores=frozenset(file.rollout.pilot_stores),
        all_stores_from=in_zone(file.rollout.all_stores_from, file.timezone),
    )


def in_zone(local: datetime, zone: str) -> datetime:
    """Read a local time of the file by the clock of the program; give UTC."""
    return local.replace(tzinfo=zone_named(zone)).astimezone(UTC)


def _points(file: ProgramFile) -> PointsPolicy:
    points = file.points
    return PointsPolicy(
        name=points.name,
        rounding=points.rounding,
        available_after_days=points.available_after_days,
        on_refund=points.on_refund,
        if_already_spent=points.if_already_spent,
        expire=_expire(points.expire),
        worth=points.worth,
    )


def _expire(expire: ExpirePart) -> ExpirePolicy:
    remind = expire.remind
    return ExpirePolicy(
        mode=expire.mode,
        months=expire.months or 0,
        days=expire.days or 0,
        round_to=expire.round_to or RoundTo.DAY,
        extend_once=ExtendOnce(
            months=expire.extend_once.months, if_bought_within_months=expire.extend_once.if_bought_within_months
        )
        if expire.extend_once
        else None,
        halve_in_last_days=expire.halve_in_last_days,
        reinstate=Reinstate(within_days=expire.reinstate.within_days, valid_days=expire.reinstate.valid_days)
        if expire.reinstate
        else None,
        remind=Reminder(days_before=tuple(remind.days_before), channels=tuple(remind.by)) if remind else None,
    )


def _tiers(tiers: TiersPart, currency: str) -> Tiers:
    def measured(value: Decimal) -> int:
        return to_minor(value, currency) if tiers.measure == "amount_spent" else int(value)

    return Tiers(
        measure=tiers.measure,
        period=tiers.period,
        window_months=tiers.window_months,
        valid_months=tiers.valid_months,
        downgrade=tiers.downgrade,
        grace_days=tiers.grace_days,
        revoke_within_days=tiers.revoke_within_days,
        keep_tasks=tuple(
            KeepTask(name=task.name, amount_minor=to_minor(task.amount, currency), every=task.every, tier_id=task.to)
            for task in tiers.tasks
            if task.amount is not None and task.every is not None
        ),
        upgrade_tasks=tuple(
            UpgradeTask(name=task.name, times=task.times, tier_id=task.to)
            for task in tiers.tasks
            if task.times is not None and task.to is not None
        ),
        levels=tuple(
            Level(
                id=level.id,
                name=level.name,
                reach=measured(level.reach),
                keep=None if level.keep is None else measured(level.keep),
                multiply=level.multiply,
                benefits=tuple(
                    Benefit(name=one.name, id=one.id, times=one.times or 0, every=one.every, birthday=one.birthday)
                    for one in level.benefits
                ),
            )
            for level in tiers.levels
        ),
    )


def _rule(rule: EarnPart, currency: str) -> EarnRule:
    return EarnRule(
        id=rule.id,
        name=rule.name,
        group=rule.group,
        when=_when(rule.when, currency) if rule.when else When(),
        give=_give(rule.give, currency),
        limit=rule_limit(rule),
        budget=rule_budget(rule),
        expire=rule_expire(rule),
    )


def _when(when: WhenPart, currency: str) -> When:
    return When(
        days=frozenset(when.days or ()),
        hours=when.hours,
        days_of_month=frozenset(when.days_of_month or ()),
        dates=when.dates or (),
        stores=_set(when.stores),
        tiers=_set(when.tiers),
        categories=_set(when.categories),
        item_tags=_set(when.item_tags),
        skus=_set(when.skus),
        min_amount_minor=None if when.min_amount is None else to_minor(when.min_amount, currency),
        birthday=when.birthday,
        order_number=when.order_number,
        order_number_in_month=when.order_number_in_month,
        totals=None
        if when.within_days is None
        else Totals(
            within_days=when.within_days,
            distinct_stores=when.distinct_stores or 1,
            amount_minor=0 if when.total_amount is None else to_minor(when.total_amount, currency),
        ),
    )


def _set(values: Sequence[str] | None) -> frozenset[str]:
    return frozenset(values or ())


def _give(give: GivePart, currency: str) -> Give:
    if give.multiply is not None:
        return Multiply(factor=give.multiply)
    if give.extra_percent is not None:
        return ExtraPercent(percent=give.extra_percent)
    if give.steps is not None:
        return Steps(
            steps=tuple(
                Step(from_amount_minor=to_minor(step.from_amount, currency), multiply=step.multiply)
                for step in give.steps
            )
        )
    points = give.points or 0  # the schema has seen to it that there are some
    if give.per_amount is None:
        return FixedPoints(points=points)
    return PerAmount(
        points=points,
        per_amount_minor=to_minor(give.per_amount, currency),
        count=give.count or Count.PROPORTIONAL,
    )


def _reward(reward: CatalogPart, currency: str) -> CatalogItem:
    limit = reward.limit
    return CatalogItem(
        id=reward.id,
        name=reward.name,
        type=reward.type,
        points=reward.points,
        category=reward.category,
        stock=reward.stock,
        low_stock=reward.low_stock,
        tiers=_set(reward.tiers),
        limit=CatalogLimit(per_member=limit.per_member, every=limit.every) if limit else None,
        cash_minor=0 if reward.cash is None else to_minor(reward.cash, currency),
        currency=currency,
        shards=reward.shards,
        hidden=reward.hidden,
        review=reward.review is not None,
        to_tier=reward.to_tier,
    )
