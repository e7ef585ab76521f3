"""The catalogue as one item, and back: compressed JSON, because a catalogue is read whole and is mostly names.

`rev` revision; `sc` what the staff changed: `{id: [at, field…]}`; `z` zlib of `[[effective, currency, [reward…]]…]`, a
reward with the fields that are not as usual.
"""

import hashlib
import json
import zlib
from typing import Any

from shared import keys
from shared.ledger.items import instant, write_instant
from shared.program.limits import Every, Limit
from shared.redemption.catalogue import Catalogue, Content, StaffChange
from shared.redemption.rewards import DEFAULT_SHARDS, Reward
from shared.runtime.attributes import Item


def catalogue_item(catalogue: Catalogue) -> Item:
    contents = [
        [write_instant(content.effective), content.currency, [_written(one) for one in content.rewards.values()]]
        for content in catalogue.contents
    ]
    written = json.dumps(contents, ensure_ascii=False, separators=(",", ":")).encode()
    staff = {id_: [write_instant(one.at), *one.fields] for id_, one in catalogue.staff.items()}
    item = {**keys.CATALOGUE._asdict(), "rev": catalogue.revision, "z": zlib.compress(written, level=9)}
    return item | ({"sc": staff} if staff else {})


def catalogue_of(item: Item) -> Catalogue:
    contents = json.loads(zlib.decompress(item["z"]))
    staff = {id_: StaffChange(instant(at), tuple(names)) for id_, (at, *names) in item.get("sc", {}).items()}
    return Catalogue(revision=item["rev"], contents=tuple(_content(*content) for content in contents), staff=staff)


def reward_tag(reward: Reward) -> str:
    """Give what tells one state of a reward from another; its stock is changed by differences and does not count."""
    written = {name: value for name, value in _written(reward).items() if name not in {"stock", "shards"}}
    return hashlib.sha256(json.dumps(written, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:16]


def _content(effective: str, currency: str, rewards: list[dict[str, Any]]) -> Content:
    read = [_reward(one) for one in rewards]
    return Content(effective=instant(effective), currency=currency, rewards={reward.id: reward for reward in read})


def _written(reward: Reward) -> dict[str, Any]:
    usual = {
        "cash": reward.cash_minor,
        "category": reward.category,
        "tiers": sorted(reward.tiers),
        "limit": [reward.limit.per_member, reward.limit.every.value] if reward.limit else None,
        "low": reward.low_stock,
        "tier": reward.to_tier,
        "hidden": reward.hidden,
        "review": reward.review,
    }
    written: dict[str, Any] = {"id": reward.id, "name": reward.name, "points": reward.points}
    written |= {name: value for name, value in usual.items() if value}
    if reward.stock is not None:
        written["stock"] = reward.stock
    if reward.shards != DEFAULT_SHARDS:
        written["shards"] = reward.shards
    if not reward.listed:
        written["listed"] = False
    return written


def _reward(written: dict[str, Any]) -> Reward:
    limit = written.get("limit")
    return Reward(
        id=written["id"],
        name=written["name"],
        points=written["points"],
        cash_minor=written.get("cash", 0),
        category=written.get("category", ""),
        tiers=frozenset(written.get("tiers", ())),
        limit=Limit(per_member=limit[0], every=Every(limit[1])) if limit else None,
        stock=written.get("stock"),
        low_stock=written.get("low", 0),
        shards=written.get("shards", DEFAULT_SHARDS),
        type="tier_upgrade" if "tier" in written else "product",
        to_tier=written.get("tier"),
        hidden=written.get("hidden", False),
        review=written.get("review", False),
        listed=written.get("listed", True),
    )
