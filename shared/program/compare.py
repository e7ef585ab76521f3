"""What changes from one version to the next, in words, and whether it is worse for customers. Pure.

Worse is what may give a customer less than before: a rule that goes, gives less, asks more or gives less often, a
higher threshold, a shorter life of points, a lower cap. What cannot be compared counts as worse: better to look.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any, Literal, NamedTuple

from shared.program.actions import ActionGive
from shared.program.breadth import asks_no_more
from shared.program.calendar import valid_through
from shared.program.currency import format_minor, plain
from shared.program.expiry import ExpirePolicy
from shared.program.model import Level, Notice, Program, Tiers
from shared.program.rules import Count, EarnRule, ExtraPercent, FixedPoints, Give, Multiply, PerAmount, RuleLimit, Steps
from shared.program.sentences import Sentence, action_sentence, rule_sentence, term_sentences, tiers_sentence

_A_DAY = date(2027, 1, 15)
_PER_YEAR = {"day": 366, "week": 53, "month": 12, "year": 1, None: 0}


class Change(NamedTuple):
    """A change: what kind, of which rule, tier or term, how it was and is, and whether customers may lose by it.

    `rule_id` is empty where it is of no rule.
    """

    kind: Literal["added", "removed", "changed"]
    name: Sentence
    before: Sentence | None
    after: Sentence | None
    worse: bool
    rule_id: str = ""


def changes(old: Program, new: Program) -> Iterator[Change]:
    """List all changes, rules first, in the order of the newer file; what is gone comes last."""
    yield from _rules(old, new)
    yield from _actions(old, new)
    yield from _terms(old, new)
    yield from _tiers(old, new)


def promised(old: Program | None, new: Program) -> Notice | None:
    """Give the notice that the version in force promises, where customers may lose by the new one."""
    return old.notice if old and any(change.worse for change in changes(old, new)) else None


def _rules(old: Program, new: Program) -> Iterator[Change]:
    before = {rule.id: rule for rule in old.earn}
    after = {rule.id for rule in new.earn}
    for rule in new.earn:
        was = before.get(rule.id)
        if was is None:
            yield Change("added", _same(rule.name), None, rule_sentence(rule, new), worse=False, rule_id=rule.id)
        elif replace(was, name=rule.name) != rule:
            told = rule_sentence(was, old), rule_sentence(rule, new)
            yield Change("changed", _same(rule.name), *told, worse=_gives_less(was, rule), rule_id=rule.id)
    for rule in old.earn:
        if rule.id not in after:
            yield Change("removed", _same(rule.name), rule_sentence(rule, old), None, worse=True, rule_id=rule.id)


def _actions(old: Program, new: Program) -> Iterator[Change]:
    """Compare rules on what is no purchase; any change but more points for the same counts as worse."""
    before = {rule.id: rule for rule in old.actions}
    for rule in new.actions:
        was = before.pop(rule.id, None)
        if was is None:
            yield Change("added", _same(rule.name), None, action_sentence(rule, new), worse=False, rule_id=rule.id)
        elif replace(was, name=rule.name) != rule:
            same_but = replace(was, name=rule.name, give=rule.give) == rule
            more = same_but and isinstance(was.give, FixedPoints) and _gives_as_much(was.give, rule.give)
            told = action_sentence(was, old), action_sentence(rule, new)
            yield Change("changed", _same(rule.name), *told, worse=not more, rule_id=rule.id)
    for gone in before.values():
        yield Change("removed", _same(gone.name), action_sentence(gone, old), None, worse=True, rule_id=gone.id)


def _gives_less(was: EarnRule, now: EarnRule) -> bool:
    return (
        not _gives_as_much(was.give, now.give)
        or not asks_no_more(now.when, was.when)
        or not _as_often(was.limit, now.limit)
        or (
            now.expire != was.expire
            and (now.expire is None or was.expire is None or _lapses_sooner(was.expire, now.expire))
        )
        or (now.group != was.group)
    )


def _gives_as_much(was: Give | ActionGive, now: Give | ActionGive) -> bool:
    match was, now:
        case PerAmount(), PerAmount():
            rates = Fraction(was.points, was.per_amount_minor), Fraction(now.points, now.per_amount_minor)
            return rates[1] >= rates[0] and was.count in {now.count, Count.FULL_UNITS}
        case FixedPoints(), FixedPoints():
            return now.points >= was.points
        case Multiply(), Multiply():
            return now.factor >= was.factor
        case ExtraPercent(), ExtraPercent():
            return now.percent >= was.percent
        case Steps(), Steps():
            return all(_factor_at(now, step.from_amount_minor) >= step.multiply for step in was.steps)
        case _:
            return False


def _factor_at(steps: Steps, amount_minor: int) -> Any:  # noqa: ANN401 a decimal, or the 1 of no step
    return max((step.multiply for step in steps.steps if step.from_amount_minor <= amount_minor), default=1)


def _as_often(was: RuleLimit | None, now: RuleLimit | None) -> bool:
    if now is None:
        return True
    if was is None:
        return False
    if was.every == now.every:
        return now.per_member >= was.per_member
    return now.per_member * _PER_YEAR[now.every] >= was.per_member * max(1, _PER_YEAR[was.every])


def _lapses_sooner(was: ExpirePolicy, now: ExpirePolicy) -> bool:
    then, until = valid_through(_A_DAY, was), valid_through(_A_DAY, now)
    return until is not None and (then is None or until < then)


def _terms(old: Program, new: Program) -> Iterator[Change]:
    """Compare how points are rounded, what earns, when points lapse, caps: each by the sentence that tells of it."""
    before, after = list(term_sentences(old)), list(term_sentences(new))
    gone = [sentence for sentence in before if sentence not in after]
    come = [sentence for sentence in after if sentence not in before]
    worse = any(got_worse(old, new) for got_worse in _WORSE)
    for at in range(max(len(gone), len(come))):
        was = gone[at] if at < len(gone) else None
        now = come[at] if at < len(come) else None
        kind: Literal["added", "removed", "changed"] = "changed" if was and now else "removed" if was else "added"
        yield Change(kind, Sentence("条款", "terms"), was, now, worse=worse)


def _cap_falls(read: Callable[[Program], Any]) -> Callable[[Program, Program], bool]:
    def falls(old: Program, new: Program) -> bool:
        was, now = read(old), read(new)
        return now is not None and (was is None or now < was)

    return falls


_WORSE: tuple[Callable[[Program, Program], bool], ...] = (
    _cap_falls(lambda program: program.safety.per_order_max_points),
    _cap_falls(lambda program: program.safety.per_member_per_day_max_points),
    _cap_falls(lambda program: program.stacking.max_multiplier),
    lambda old, new: (new.cancel_grace_days or 0) < (old.cancel_grace_days or 0),
    lambda old, new: new.points.available_after_days > old.points.available_after_days,
    lambda old, new: new.points.rounding != old.points.rounding and new.points.rounding == "floor",
    lambda old, new: new.points.if_already_spent != old.points.if_already_spent,
    lambda old, new: _lapses_sooner(old.points.expire, new.points.expire),
    lambda old, new: not new.eligible.exclude_categories <= old.eligible.exclude_categories,
    lambda old, new: (
        bool(new.eligible.payment_methods)
        and not (old.eligible.payment_methods and old.eligible.payment_methods <= new.eligible.payment_methods)
    ),
)


def _tiers(old: Program, new: Program) -> Iterator[Change]:
    if old.tiers is None or new.tiers is None:
        for tiers, kind in ((new.tiers, "added"), (old.tiers, "removed")):
            if tiers and old.tiers != new.tiers:
                told = tiers_sentence(tiers)
                added = kind == "added"
                name = Sentence("会员等级", "tiers")
                yield Change(
                    "added" if added else "removed",
                    name,
                    None if added else told,
                    told if added else None,
                    worse=not added,
                )
        return
    ladder = tiers_sentence(old.tiers), tiers_sentence(new.tiers)
    if ladder[0] != ladder[1]:
        worse = new.tiers.measure != old.tiers.measure or new.tiers.valid_months < old.tiers.valid_months
        yield Change("changed", Sentence("会员等级", "tiers"), *ladder, worse=worse)
    yield from _levels(old.tiers, new.tiers, new.currency)


def _levels(old: Tiers, new: Tiers, currency: str) -> Iterator[Change]:
    before = {level.id: level for level in old.levels}
    for level in new.levels:
        was = before.pop(level.id, None)
        if was is None:
            yield Change("added", _same(level.name), None, _level(level, new, currency), worse=False)
        elif _level(was, old, currency) != _level(level, new, currency):
            worse = (
                level.reach > was.reach
                or (level.keep or 0) > (was.keep or 0)
                or level.multiply < was.multiply
                or not {one.name for one in was.benefits} <= {one.name for one in level.benefits}
            )
            yield Change(
                "changed", _same(level.name), _level(was, old, currency), _level(level, new, currency), worse=worse
            )
    for level in before.values():
        yield Change("removed", _same(level.name), _level(level, old, currency), None, worse=True)


def _level(level: Level, tiers: Tiers, currency: str) -> Sentence:
    def shown(measured: int) -> str:
        return format_minor(measured, currency) if tiers.measure == "amount_spent" else str(measured)

    reach, keep = shown(level.reach), level.keep
    zh = [f"达到 {reach}", *([] if keep is None else [f"保级 {shown(keep)}"]), f"积分 ×{plain(level.multiply)}"]
    en = [f"reach {reach}", *([] if keep is None else [f"keep {shown(keep)}"]), f"points ×{plain(level.multiply)}"]
    benefits = [benefit.name for benefit in level.benefits]
    return Sentence("，".join([*zh, "、".join(benefits)] if benefits else zh) + "。", ", ".join([*en, *benefits]) + ".")


def _same(name: str) -> Sentence:
    return Sentence(name, name)
