"""What expiring points could be redeemed for now. Pure. S3-28.

Of the rewards that the member can have now, the one that saves most of the expiring points; of equals the cheapest,
then the first of the catalogue. Points that lapse soonest are taken first, so redeeming anything saves them first.
"""

from collections.abc import Mapping
from datetime import date

from shared.ledger.account import Account
from shared.redemption.catalogue import Rewards
from shared.redemption.member_catalogue import choices
from shared.redemption.rewards import Reward


def suggestion(
    rewards: Rewards,
    left: Mapping[str, int],
    account: Account,
    today: date,
    *,
    expiring: int,
    halved_through: str | None,
) -> Reward | None:
    """Choose a good; None where the member can have none. `left` is pieces by reward, the account is as of now."""
    goods = {reward.id: reward for reward in rewards.values() if reward.type == "product" and reward.points > 0}
    judged = choices(goods, left, account, today, halved_through=halved_through)
    within_reach = [choice.reward for choice in judged if not choice.obstacles]
    return max(within_reach, key=lambda reward: (min(reward.points, expiring), -reward.points), default=None)
