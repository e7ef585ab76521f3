"""The program, the catalogue and the stores as everybody sees them."""

from datetime import date, datetime

from functions.public.schemas import (
    CampaignList,
    CampaignView,
    NextVersionView,
    ProgramView,
    PublicRewardList,
    PublicRewardView,
    RuleView,
    SentenceView,
    StoreList,
    StoreView,
    TierLevelView,
    TiersView,
)
from shared.http.views import LimitView, MoneyView
from shared.program.campaigns import campaigns
from shared.program.currency import plain
from shared.program.model import Program, Tiers
from shared.program.sentences import (
    Sentence,
    action_sentence,
    rule_sentence,
    sentence_of,
    term_sentences,
    tiers_sentence,
)
from shared.program.store import Programs
from shared.program.timeline import next_change, pick
from shared.redemption.catalogue import Content
from shared.redemption.rewards import Reward


def program_view(programs: Programs, now: datetime, store_id: str) -> ProgramView:
    """Show the program in force at a store; the empty store is every one that is no pilot. Raises NoProgramError."""
    ref = pick(programs.timeline(now), now, store_id)
    program = programs.numbered(ref.number)
    return ProgramView(
        name=program.name,
        version=program.version,
        effective=ref.schedule.begins_at(store_id),
        timezone=programs.zone_of(store_id, program) if store_id else program.zone,
        currency=program.currency,
        next=_next_version(programs, now, store_id),
        rules=_rules(program),
        terms=[_told(sentence) for sentence in term_sentences(program)],
        tiers=_tiers_view(program.tiers) if program.tiers else None,
    )


def campaign_list(programs: Programs, now: datetime, store_id: str, first: date, last: date) -> CampaignList:
    """Show what runs at a store from one day to another. Raises NoProgramError."""
    found = campaigns(programs, now, store_id, first, last)
    return CampaignList(
        items=[
            CampaignView(
                rule_id=one.rule.id,
                name=one.rule.name,
                begins=one.when.begins,
                ends=one.when.ends,
                version=one.program.version,
                text=_told(sentence_of(one.rule, one.program)),
            )
            for one in found
        ]
    )


def reward_list(content: Content) -> PublicRewardList:
    """Show the rewards that are listed and not hidden."""
    shown = (reward for reward in content.rewards.values() if reward.listed and not reward.hidden)
    return PublicRewardList(items=[_reward_view(reward, content.currency) for reward in shown])


def store_list(programs: Programs, now: datetime) -> StoreList:
    program = programs.chain_wide(now)
    stores = sorted(programs.stores().values(), key=lambda store: store.id)
    return StoreList(
        items=[
            StoreView(id=store.id, name=store.name, city=store.city, timezone=store.zone or program.zone)
            for store in stores
        ]
    )


def _rules(program: Program) -> list[RuleView]:
    told = [(rule.id, rule.name, rule_sentence(rule, program)) for rule in program.earn]
    told += [(rule.id, rule.name, action_sentence(rule, program)) for rule in program.actions]
    return [RuleView(id=id_, name=name, text=_told(sentence)) for id_, name, sentence in told]


def _told(sentence: Sentence) -> SentenceView:
    return SentenceView(zh=sentence.zh, en=sentence.en)


def _next_version(programs: Programs, now: datetime, store_id: str) -> NextVersionView | None:
    change = next_change(programs.timeline(now), now, store_id)
    if change is None:
        return None
    effective, ref = change
    notice = programs.numbered(ref.number).notice
    return NextVersionView(version=ref.number, effective=effective, notice=notice.text if notice else None)


def _tiers_view(tiers: Tiers) -> TiersView:
    return TiersView(
        measure=tiers.measure,
        levels=[
            TierLevelView(
                id=level.id,
                name=level.name,
                reach=level.reach,
                keep=level.keep,
                multiply=str(plain(level.multiply)),
                benefits=[benefit.name for benefit in level.benefits],
            )
            for level in tiers.levels
        ],
        text=_told(tiers_sentence(tiers)),
    )


def _reward_view(reward: Reward, currency: str) -> PublicRewardView:
    return PublicRewardView(
        id=reward.id,
        name=reward.name,
        type=reward.type,
        category=reward.category,
        points=reward.points,
        cash=MoneyView(amount=reward.cash_minor, currency=currency) if reward.cash_minor else None,
        tiers=sorted(reward.tiers),
        limit=LimitView.of(reward.limit),
        review=reward.review,
    )
