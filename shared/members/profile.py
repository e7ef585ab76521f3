"""What a member has told us about themselves, and what they have agreed to. Pure.

1. A phone is *proven* when the token's issuer has verified it. Only a proven phone leads a till to the member;
   any other is a contact: else anybody could name a stranger's number and collect the stranger's points.
   It stays until the member proves another: else a number could be set free to join once more, for the points.
2. A birthday is set once, to a day that has been: it decides gifts.
3. Consents are a history that only grows: who agreed to which version when, and when it was withdrawn. What holds
   now is the last event of each policy. Withdrawing is always possible.
4. `revision` grows by one with every change; whoever writes names the revision that was read.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from shared.errors import InvalidFieldError, LimitReachedError
from shared.runtime.ids import MemberId

MOST_CONSENT_EVENTS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A version of a policy that a member can agree to."""

    policy: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentEvent:
    """At this instant the member agreed to the version, or withdrew the agreement."""

    policy: str
    version: str
    given: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """`phone` is E.164. `linked` says that a token's subject leads here: an imported member has none at first."""

    member_id: MemberId
    enrolled_at: datetime
    revision: int = 0
    name: str | None = None
    phone: str | None = None
    phone_proven: bool = False
    birthday: date | None = None
    store_id: str | None = None
    linked: bool = True
    consents: tuple[ConsentEvent, ...] = ()

    def agreed_version(self, policy: str) -> str | None:
        """Give the version of a policy that is agreed to now."""
        last = next((event for event in reversed(self.consents) if event.policy == policy), None)
        return last.version if last and last.given else None

    def agreeing(self, policies: Iterable[Policy], at: datetime) -> "Profile":
        """Give the profile after agreeing; what is agreed to already stays as it was. Raises LimitReachedError."""
        new = [one for one in policies if self.agreed_version(one.policy) != one.version]
        if new and len(self.consents) + len(new) > MOST_CONSENT_EVENTS:
            raise LimitReachedError(limit=MOST_CONSENT_EVENTS)
        given = (ConsentEvent(policy=one.policy, version=one.version, given=True, at=at) for one in new)
        return replace(self, consents=(*self.consents, *given))

    def withdrawing(self, policies: Iterable[str], at: datetime) -> "Profile":
        """Give the profile after withdrawing; withdrawing what is not agreed to changes nothing."""
        versions = {policy: self.agreed_version(policy) for policy in policies}
        withdrawn = (
            ConsentEvent(policy=policy, version=version, given=False, at=at)
            for policy, version in versions.items()
            if version is not None
        )
        return replace(self, consents=(*self.consents, *withdrawn))

    def born(self, birthday: date, *, today: date) -> "Profile":
        """Give the profile with a birthday. Raises InvalidFieldError for one to come, or where another one is set."""
        if birthday > today:
            limit = {"le": today.isoformat()}
            raise InvalidFieldError(errors=[{"pointer": "/birthday", "code": "less_than_equal", "context": limit}])
        if self.birthday not in {None, birthday}:
            raise InvalidFieldError(errors=[{"pointer": "/birthday", "code": "set_once"}])
        return replace(self, birthday=birthday)

    def reached_at(self, phone: str, *, proven: bool) -> "Profile":
        """Give the profile with a phone. Raises InvalidFieldError for one without proof in the place of a proven one.

        A proven number stays proven when it is named again without proof.
        """
        if self.phone_proven and not proven:
            if phone == self.phone:
                return self
            raise InvalidFieldError(errors=[{"pointer": "/phone", "code": "not_provable"}])
        return replace(self, phone=phone, phone_proven=proven)


def missing_consents(required: Iterable[Policy], given: Iterable[Policy]) -> list[Policy]:
    """Say which required versions are not among those given."""
    have = set(given)
    return [policy for policy in required if policy not in have]


def read_policies(text: str) -> tuple[Policy, ...]:
    """Read `privacy:1,terms:2`."""
    pairs = (policy.strip().partition(":") for policy in text.split(",") if policy.strip())
    return tuple(Policy(policy=policy, version=version) for policy, _, version in pairs)
