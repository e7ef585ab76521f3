"""How campaigns and tiers multiply: which campaign counts on a line, and what they come to together.

A campaign of ×2 has a bonus of 1.0, "+30 %" one of 0.3, a step of ×1.2 one of 0.2. By `stacking.campaigns`:
`best` 1 + the largest bonus; `best_per_group` 1 + Σ of each group's largest; `add` the same with the tier's bonus as
one more summand; `multiply` the product of the groups' best factors. The tier multiplies in all modes but `add`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import prod

from shared.earning.explain import Factor
from shared.program.model import Stacking, StackingMode
from shared.program.rules import EarnRule, ExtraPercent, Multiply, Steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """A rule whose conditions hold, with the indexes of the groups of lines it speaks of and their amount."""

    rule: EarnRule
    groups: frozenset[int]
    amount_minor: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """A rule that multiplies, with the bonus it reaches on this sale, always above zero."""

    rule: EarnRule
    groups: frozenset[int]
    bonus: Decimal

    @property
    def factor(self) -> Factor:
        return Factor(id=self.rule.id, name=self.rule.name, bonus=self.bonus)

    def rival_key(self, mode: StackingMode) -> tuple[str, ...]:
        """Name those of which one counts: all in mode `best`, else the group; a rule without one has no rivals."""
        if mode is StackingMode.BEST:
            return ()
        return ("group", self.rule.group) if self.rule.group is not None else ("rule", self.rule.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Multiplier:
    """The factors on a line and what they come to. `capped_at` is the cap when it cut the total."""

    tier: Factor | None
    campaigns: tuple[Factor, ...]
    total: Fraction
    capped_at: Decimal | None


def campaigns(applied: Sequence[Applied]) -> Iterator[Campaign]:
    """Pick the rules that multiply and say by how much; steps go by the amount of the lines they speak of."""
    for one in applied:
        give = one.rule.give
        if isinstance(give, Multiply):
            bonus = give.factor - 1
        elif isinstance(give, ExtraPercent):
            bonus = give.percent / 100
        elif isinstance(give, Steps):
            reached = (step.multiply for step in give.steps if step.from_amount_minor <= one.amount_minor)
            bonus = max(reached, default=Decimal(1)) - 1
        else:
            continue
        if bonus > 0:
            yield Campaign(rule=one.rule, groups=one.groups, bonus=bonus)


def winners(rivals: Sequence[Campaign], mode: StackingMode) -> dict[tuple[str, ...], Campaign]:
    """Choose which campaigns count on a line: the largest bonus among rivals, the smaller id among equals."""
    best: dict[tuple[str, ...], Campaign] = {}
    for campaign in rivals:
        key = campaign.rival_key(mode)
        before = best.get(key)
        if before is None or (-campaign.bonus, campaign.rule.id) < (-before.bonus, before.rule.id):
            best[key] = campaign
    return best


def multiplier(tier: Factor | None, counting: Sequence[Campaign], stacking: Stacking) -> Multiplier:
    """Combine the tier and the campaigns that count, and cut the total to the cap of the program."""
    bonuses = [campaign.bonus for campaign in counting]
    tier_bonus = tier.bonus if tier else Decimal(0)
    # Sums of a few short decimals are exact in the 28 digits of the default context; long products need not be.
    if stacking.campaigns is StackingMode.ADD:
        total = exact(1 + tier_bonus + sum(bonuses))
    elif stacking.campaigns is StackingMode.MULTIPLY:
        total = prod((exact(1 + bonus) for bonus in bonuses), start=exact(1 + tier_bonus))
    else:
        total = exact((1 + tier_bonus) * (1 + sum(bonuses)))
    cap = stacking.max_multiplier
    capped = cap is not None and total > exact(cap)
    return Multiplier(
        tier=tier,
        campaigns=tuple(campaign.factor for campaign in counting),
        total=exact(cap) if cap is not None and capped else total,
        capped_at=cap if capped else None,
    )


@lru_cache(maxsize=1024)
def exact(value: Decimal) -> Fraction:
    """Convert once: a program has few factors, and a conversion costs as much as a product."""
    return Fraction(value)
