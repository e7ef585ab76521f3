"""What members send and see."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from shared.http.fields import AnswerModel, BusinessId, CardText, ExternalId, Name, PhoneText, RequestModel
from shared.http.principals import Principal
from shared.http.views import BalanceView, TierView
from shared.members.change_profile import ProfileChange
from shared.members.enrol import Enrolment
from shared.members.profile import Policy
from shared.members.references import Kind, normalized_phone, proven_phone

PolicyName = Annotated[BusinessId, Field(description="The name of a policy.", examples=["privacy"])]
PolicyVersion = Annotated[BusinessId, Field(description="The version that was shown.", examples=["1"])]
Birthday = Annotated[date, Field(ge=date(1900, 1, 1), description="Set once.", examples=["1990-05-17"])]


class Consent(RequestModel):
    """Agreement to one version of a policy."""

    policy: PolicyName
    version: PolicyVersion


class EnrolmentRequest(RequestModel):
    """Who enrols. The phone that the token proves is taken from the token."""

    name: Name | None = None
    phone: PhoneText | None = None
    birthday: Birthday | None = None
    store_id: Annotated[BusinessId, Field(description="Where the member enrolled.")] | None = None
    referral_code: (
        Annotated[str, Field(min_length=1, max_length=64, description="The code of who invited the member.")] | None
    ) = None
    consents: Annotated[tuple[Consent, ...], Field(max_length=20, description="What the member agreed to.")] = ()

    def enrolment(self, principal: Principal) -> Enrolment:
        """Give the enrolment of the token's subject. Raises InvalidFieldError for an impossible phone."""
        return Enrolment(
            identity=principal.identity,
            proven_phone=proven_phone(principal.phone),
            consents=[Policy(policy=consent.policy, version=consent.version) for consent in self.consents],
            name=self.name,
            phone=normalized_phone(self.phone) if self.phone else None,
            birthday=self.birthday,
            store_id=self.store_id,
            referral_code=self.referral_code,
        )


class ConsentChange(RequestModel):
    """Agreement to a version of a policy, or its withdrawal."""

    policy: PolicyName
    version: PolicyVersion | None = None
    given: Annotated[bool, Field(strict=True, description="false withdraws; then no version is needed.")] = True

    @model_validator(mode="after")
    def _version_is_named(self) -> Self:
        if self.given and self.version is None:
            raise PydanticCustomError("missing", "is required")
        return self


class ProfileRequest(RequestModel):
    """What changes; what is not given stays."""

    name: Name | None = None
    phone: PhoneText | None = None
    birthday: Birthday | None = None
    consents: Annotated[tuple[ConsentChange, ...], Field(max_length=20)] = ()

    def change(self, principal: Principal) -> ProfileChange:
        """Give the change by the token's subject. Raises InvalidFieldError for an impossible phone."""
        return ProfileChange(
            name=self.name,
            birthday=self.birthday,
            phone=normalized_phone(self.phone) if self.phone else None,
            proven_phone=proven_phone(principal.phone),
            given=[
                Policy(policy=one.policy, version=one.version) for one in self.consents if one.given and one.version
            ],
            withdrawn=[one.policy for one in self.consents if not one.given],
        )


class LookupRequest(RequestModel):
    """Exactly one of the three."""

    phone: PhoneText | None = None
    card: CardText | None = None
    external_id: ExternalId | None = None

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if len(self.model_dump(exclude_none=True)) != 1:
            raise PydanticCustomError("exactly_one", "takes exactly one of its fields")
        return self

    def reference(self) -> tuple[Kind, str]:
        """Give the kind and the text of the one that is given."""
        kinds: tuple[Kind, ...] = ("phone", "card", "external_id")
        return next((kind, text) for kind in kinds if (text := getattr(self, kind)) is not None)


class ExpiringView(AnswerModel):
    """Points, and the last day on which they can be used."""

    points: int
    valid_through: date
    half_value: Annotated[bool, Field(description="Two of them pay for one: the program halves points near expiry.")]


class MemberView(AnswerModel):
    """A member, to that member."""

    id: Annotated[str, Field(examples=["mem_01JF3Z8Q4X9V6T2N5R7W1Y0K8B"])]
    name: str | None
    phone_masked: Annotated[str | None, Field(examples=["138****5678"])]
    tier: TierView | None
    balance: BalanceView
    expiring: Annotated[list[ExpiringView], Field(description="The next three lots that lapse, soonest first.")]
    enrolled_at: datetime


class CouponView(AnswerModel):
    """A coupon that can be used now."""

    id: str
    name: str


class LookupView(AnswerModel):
    """A member, to a till."""

    member_id: str
    name_masked: Annotated[str | None, Field(examples=["王*明"])]
    tier: TierView | None
    available: int
    usable_coupons: list[CouponView]
