"""Every key of the tables is made here, and nowhere else. Sizes and uses: docs/data-model.md.

Prefixes that policies and filters speak of stand in `shared.names`, for `infra` imports nothing else of `shared`.

`#` separates parts. Business ids that come from outside (stores, receipts, refunds) may not contain it; the
boundary refuses those that do, so that two different businesses can never mean one key.
"""

from datetime import date
from typing import Final, NamedTuple

from shared.names import (
    ACTION_PREFIX,
    ADJUSTED_BY_PREFIX,
    ADJUSTMENT_PREFIX,
    ADJUSTMENTS_PARTITION,
    BUDGET_PREFIX,
    CATALOGUE_PARTITION,
    CLAIM_TRIES_PREFIX,
    COMPLETION_PREFIX,
    MEMBER_PREFIX,
    MESSAGES_PREFIX,
    REFERENCE_PREFIX,
    REFERRAL_PREFIX,
    REQUESTS_PARTITION,
    SMS_COUNT_PREFIX,
    STOCK_LOW_PREFIX,
    STOCK_PREFIX,
    TIER_SETTING_PREFIX,
    TRAIL_PREFIX,
    WAITING_PARTITION,
)


class Key(NamedTuple):
    """The primary key of an item in `ledger` or `members`."""

    pk: str
    sk: str


# Entries and what belongs to them

SALE_PREFIX: Final = "SALE#"
SALE: Final = "SALE"
RETURN_PREFIX: Final = "RETURN#"
REDEMPTION_PREFIX: Final = "REDEMPTION#"
REDEEMED: Final = "REDEEMED"
APPROVED: Final = "APPROVED"
OUTCOME: Final = "OUTCOME"


def sale_collection(store_id: str, receipt_id: str) -> str:
    return f"{SALE_PREFIX}{store_id}#{receipt_id}"


def sale(store_id: str, receipt_id: str) -> Key:
    return Key(sale_collection(store_id, receipt_id), SALE)


def sale_return(store_id: str, receipt_id: str, number: int) -> Key:
    """Give the key of a receipt's return (refund or void) by number: whoever takes a number has seen all lower ones."""
    return Key(sale_collection(store_id, receipt_id), f"{RETURN_PREFIX}{number:04d}")


def redemption(redemption_id: str) -> Key:
    return Key(f"{REDEMPTION_PREFIX}{redemption_id}", REDEEMED)


def tier_setting(setting_id: str) -> Key:
    """Name a tier that was set by hand."""
    return Key(f"{TIER_SETTING_PREFIX}{setting_id}", "TIER_SET")


def adjustment_collection(adjustment_id: str) -> str:
    """Name what the ledger has of an adjustment: what was asked for, and what was decided."""
    return f"{ADJUSTMENT_PREFIX}{adjustment_id}"


REQUESTED: Final = "REQUESTED"
DECIDED: Final = "DECIDED"


def adjustment_requested(adjustment_id: str) -> Key:
    return Key(adjustment_collection(adjustment_id), REQUESTED)


def adjustment_decided(adjustment_id: str) -> Key:
    """Name the decision on an adjustment, which is the entry where it was applied: there is one."""
    return Key(adjustment_collection(adjustment_id), DECIDED)


def claim(claim_id: str) -> Key:
    """Name the claim of a tier's benefit."""
    return Key(f"CLAIM#{claim_id}", "CLAIMED")


def action(member_id: str, action: str, once: str) -> Key:
    """Name what a member did by what it may count for once."""
    return Key(f"{ACTION_PREFIX}{member_id}#{action}#{once}", "ACTED")


def handed_in(submission_id: str) -> Key:
    """Name the answer to a member who handed something in, by the request that did: it is given once."""
    return Key(f"HANDEDIN#{submission_id}", "HANDED_IN")


ENROLLED: Final = "ENROLLED#"
FIRST_ORDER: Final = "FIRST_ORDER#"
UNDONE_PREFIX: Final = "UNDONE#"


def referral_collection(friend_id: str) -> str:
    """Name what there is of one referral: a member is referred once, so the friend names it."""
    return f"{REFERRAL_PREFIX}{friend_id}"


def referral(friend_id: str, step: str, side: str) -> Key:
    """Name what a step of a referral, `ENROLLED` or `FIRST_ORDER`, is to one of the two: it counts once."""
    return Key(referral_collection(friend_id), f"{step}{side}")


def referral_undone(given: Key) -> Key:
    """Name what takes back what a referral gave, by its entry: once."""
    return Key(given.pk, f"{UNDONE_PREFIX}{given.sk}")


BONUS_PREFIX: Final = "BONUS#"


def bonus_undone(store_id: str, receipt_id: str, rule_id: str) -> Key:
    """Name what took back a bonus of a sale because another sale came back: once."""
    return Key(sale_collection(store_id, receipt_id), f"{BONUS_PREFIX}{rule_id}")


def approval(redemption_id: str) -> Key:
    return Key(f"{REDEMPTION_PREFIX}{redemption_id}", APPROVED)


def outcome(redemption_id: str) -> Key:
    return Key(f"{REDEMPTION_PREFIX}{redemption_id}", OUTCOME)


def refusal(redemption_id: str, digest: str) -> Key:
    """Name what was refused about a redemption to the key of a request."""
    return Key(f"REFUSED#{redemption_id}#{digest}", "REFUSED")


def activated(member_id: str, pending_lot: str, sequence: str) -> Key:
    return Key(f"{MEMBER_PREFIX}{member_id}", f"ACTIVATED#{pending_lot}#{sequence}")


def extended(member_id: str, lot: str, sequence: str) -> Key:
    return Key(f"{MEMBER_PREFIX}{member_id}", f"EXTENDED#{lot}#{sequence}")


def reviewed(member_id: str, ended: str, sequence: str) -> Key:
    """Name a decision on a tier by the day on which the tier ended."""
    return Key(f"{MEMBER_PREFIX}{member_id}", f"REVIEWED#{ended}#{sequence}")


def frozen(member_id: str, version: int) -> Key:
    """Name the freezing of an account by the version of the account that it makes."""
    return Key(f"{MEMBER_PREFIX}{member_id}", f"FROZEN#{version}")


def unfrozen(member_id: str, version: int) -> Key:
    return Key(f"{MEMBER_PREFIX}{member_id}", f"UNFROZEN#{version}")


EXPIRED_PREFIX: Final = "EXPIRED#"


def expired(member_id: str, lot: str, sequence: str) -> Key:
    return Key(f"{MEMBER_PREFIX}{member_id}", f"{EXPIRED_PREFIX}{lot}#{sequence}")


def reinstated(expired: Key) -> Key:
    """Name the return of expired points by the entry that says they expired: they come back once."""
    return Key(expired.pk, f"REINSTATED#{expired.sk.removeprefix(EXPIRED_PREFIX)}")


REVIEW: Final = "REVIEW"


def review(store_id: str, receipt_id: str, digest: bytes) -> Key:
    """Where one content of a sale waits for a person to look at it; few, so one partition lists them all."""
    return Key(REVIEW, f"{store_id}#{receipt_id}#{digest.hex()}")


# What the staff did


def trail_of(day: date) -> str:
    """Name the partition of the deeds of a day (UTC)."""
    return f"{TRAIL_PREFIX}{day:%y%m%d}"


def trail(day: date, at: str, what: str, about: str) -> Key:
    """Name a deed by its instant, for order, and by what was done to which object."""
    return Key(trail_of(day), f"{at}#{what}#{about}")


# The program, the stores, the rewards

TIMELINE: Final = Key("PROGRAM", "TIMELINE")
STORES: Final = Key("STORES", "CURRENT")
CATALOGUE: Final = Key(CATALOGUE_PARTITION, "CURRENT")


def stock_change(change_id: str) -> Key:
    """Name a change of stock by the request that made it: it happens once."""
    return Key(CATALOGUE.pk, f"STOCKED#{change_id}")


def program_version(number: int) -> Key:
    return Key("PROGRAM", f"VERSION#{number:06d}")


def sku_map_chunk(sha256: str, chunk: int) -> Key:
    return Key(f"SKUMAP#{sha256}", f"{chunk:04d}")


def budget(rule_id: str, shard: int) -> Key:
    """Where a part of a rule's budget is counted."""
    return Key(f"{BUDGET_PREFIX}{rule_id}#{shard:02d}", "BUDGET")


def stock(reward_id: str, shard: int) -> Key:
    return Key(f"{STOCK_PREFIX}{reward_id}#{shard:02d}", "STOCK")


def stock_low(reward_id: str, restock: int) -> Key:
    return Key(f"{STOCK_LOW_PREFIX}{reward_id}", f"RESTOCK#{restock:06d}")


# Messages


def messages_of(member_id: str) -> str:
    return f"{MESSAGES_PREFIX}{member_id}"


def message(member_id: str, *, due_on: date, kind: str, subject: str, offset_days: int, channel: str) -> Key:
    """Name a message by what it is about; the day on which it fell due follows from that, and comes first for order."""
    return Key(messages_of(member_id), f"{messages_from(due_on)}{kind}#{subject}#{offset_days}#{channel}")


def messages_from(day: date) -> str:
    """Give the text behind which all messages stand that fell due on a day or later."""
    return f"{day:%y%m%d}#"


def sms_count(month: str) -> Key:
    """Where the text messages of a month (YYMM) are counted."""
    return Key(f"{SMS_COUNT_PREFIX}{month}", "SENT")


# Members (the table `members`)


def profile(member_id: str) -> Key:
    return Key(f"{MEMBER_PREFIX}{member_id}", "PROFILE")


def member_partition(member_id: str) -> str:
    """Name the partition that holds all of a member but the references: the profile, and how to be reached."""
    return profile(member_id).pk


def message_settings(member_id: str) -> Key:
    return Key(member_partition(member_id), "MESSAGES")


def reference(digest: str) -> Key:
    """Where a phone, card, external id or token subject leads to its member; `digest` is a keyed hash."""
    return Key(f"{REFERENCE_PREFIX}{digest}", "REF")


def bearer(digest: str, member_id: str) -> Key:
    """Where a name leads to one of those who bear it; `digest` is a keyed hash."""
    return Key(reference(digest).pk, member_id)


def claim_tries(member_id: str) -> Key:
    """Where a member's tries of a day to claim receipts are counted."""
    return Key(f"{CLAIM_TRIES_PREFIX}{member_id}", "TRIES")


WAITING: Final = WAITING_PARTITION
REQUESTS: Final = REQUESTS_PARTITION


def request(redeemed_at: str, redemption_id: str) -> Key:
    """Where a redemption is listed as long as the staff has something to do for it; few are, so one partition."""
    return Key(REQUESTS, f"{redeemed_at}#{redemption_id}")


def completions_of(member_id: str) -> str:
    """Name the partition of what a member says was done."""
    return f"{COMPLETION_PREFIX}{member_id}"


def completion(member_id: str, task_id: str, subject: str) -> Key:
    return Key(completions_of(member_id), f"{task_id}#{subject}")


def waiting(submitted_at: str, member_id: str, task_id: str, subject: str) -> Key:
    """Where it is listed as long as it waits for a person; few do, so one partition lists them all."""
    return Key(WAITING, f"{submitted_at}#{member_id}#{task_id}#{subject}")


def adjustment_notes_of(member_id: str) -> str:
    """Name the partition of what staff wrote about adjustments of a member."""
    return f"{ADJUSTMENT_PREFIX}{member_id}"


def adjustment_notes(member_id: str, adjustment_id: str) -> Key:
    return Key(adjustment_notes_of(member_id), adjustment_id)


def adjustment_rejection(member_id: str, adjustment_id: str) -> Key:
    """Where it stands why an adjustment was rejected, behind its notes."""
    return Key(adjustment_notes_of(member_id), f"{adjustment_id}#REJECTED")


ADJUSTMENTS: Final = ADJUSTMENTS_PARTITION


def adjustment_waiting(at: str, adjustment_id: str) -> Key:
    """Where an adjustment is listed as long as it waits for a second person, by the instant of its request."""
    return Key(ADJUSTMENTS, f"{at}#{adjustment_id}")


def adjusted_by(author: str, day: date) -> Key:
    """Where it is counted how many points a person gave and took on a day."""
    return Key(f"{ADJUSTED_BY_PREFIX}{author}", f"{day:%y%m%d}")
