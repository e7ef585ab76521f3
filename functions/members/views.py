"""Members as they are shown: to themselves in full, to tills just enough to recognise them."""

from typing import Final

from functions.members.schemas import ExpiringView, LookupView, MemberView
from shared.http.views import BalanceView, TierView
from shared.ledger.account import Account
from shared.ledger.lots import last_day_of, split_at
from shared.ledger.posting import as_of
from shared.members.masking import mask_name, mask_phone
from shared.members.store import Overview
from shared.tiers.time_rules import Moment

NEXT_TO_EXPIRE: Final = 3


def member_view(overview: Overview, moment: Moment) -> MemberView:
    profile, account = overview.profile, as_of(overview.account, moment.now, moment.rules)
    return MemberView(
        id=profile.member_id,
        name=profile.name,
        phone_masked=mask_phone(profile.phone) if profile.phone else None,
        tier=TierView.of(account, moment.program),
        balance=BalanceView.of(account.balance),
        expiring=_expiring(account, moment.rules.halved_through(moment.today)),
        enrolled_at=profile.enrolled_at,
    )


def lookup_view(overview: Overview, moment: Moment) -> LookupView:
    profile, account = overview.profile, as_of(overview.account, moment.now, moment.rules)
    return LookupView(
        member_id=profile.member_id,
        name_masked=mask_name(profile.name) if profile.name else None,
        tier=TierView.of(account, moment.program),
        available=account.balance.available,
        usable_coupons=[],
    )


def _expiring(account: Account, halved_through: str | None) -> list[ExpiringView]:
    halved, _ = split_at(account.lots, halved_through)
    views = [
        ExpiringView(points=points, valid_through=day, half_value=lot in halved)
        for lot, points in sorted(account.lots.items())
        if (day := last_day_of(lot))
    ]
    return views[:NEXT_TO_EXPIRE]
