"""Every way a request can fail for a business reason. `code` is stable and public; fields explain the case.

JifenError
├── NotFound                 404   what is asked for is not there, or is another's
│   ├── EntryNotFoundError, RedemptionNotFoundError, SubscriptionNotFoundError, ReceiptNotFoundError
│   ├── AdjustmentNotFoundError
│   ├── MemberNotFoundError, BenefitNotFoundError
│   └── RewardNotFoundError
├── NotAuthentic             401   who asks is not proven
│   ├── TokenMissingError
│   └── SignatureInvalidError
├── NotAllowed               403   who asks may not
│   ├── ScopeMissingError
│   └── StoreNotAllowedError
├── Malformed                400   the request cannot be read
│   ├── MalformedJsonError, NotUtf8Error
│   ├── BadCursorError
│   └── IdempotencyKeyMissingError
├── BodyTooLargeError        413
├── RateLimitedError         429   asked too often
├── Conflict                 409   the request is fine, the state of things is not
│   ├── InsufficientPointsError, OutOfStockError, LimitReachedError, TierRequiredError, BirthdayOnlyError
│   ├── RewardNotAvailableError, AlreadyCancelledError, AlreadyUsedError, MemberFrozenError
│   ├── AlreadyApprovedError, ApprovalRequiredError
│   ├── SaleConflictError, RefundExceedsSaleError, ReferenceTakenError
│   ├── AdjustmentDecidedError, DailyCapReachedError
│   └── RewardExistsError
├── PreconditionFailed       412   what was to be changed is not as it was seen
│   └── VersionMovedError
├── PreconditionRequired     428   what was seen has to be named
│   └── IfMatchRequiredError
├── Rejected                 422   the request can be read, yet can never be right
│   ├── InvalidFieldError
│   ├── IdempotencyKeyReusedError
│   ├── ConsentRequiredError
│   └── NoticeTooShortError
└── Unavailable              503   the same request may succeed in a moment
    ├── BusyError
    ├── DependencyUnavailableError
    └── NoProgramError (ProgramNotBegunError)
"""

from typing import Any, ClassVar


class JifenError(Exception):
    """A business reason why nothing was done. Fields are public and become members of the problem document.

    `replayed` says that it was answered to the same Idempotency-Key before.
    """

    code: ClassVar[str]
    replayed = False

    def __init__(self, **fields: Any) -> None:  # noqa: ANN401 fields are JSON values of any kind
        super().__init__(self.code)
        self.fields = fields

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value!r}" for name, value in self.fields.items())
        return f"{self.code}({told})"


class NotFound(JifenError):  # noqa: N818 a family, never raised as such by features
    code = "not-found"


class BenefitNotFoundError(NotFound):
    pass


class TaskNotFoundError(NotFound):
    """Nothing of the kind earns points."""


class CompletionNotFoundError(NotFound):
    pass


class AdjustmentNotFoundError(NotFound):
    pass


class EntryNotFoundError(NotFound):
    pass


class RedemptionNotFoundError(NotFound):
    pass


class SubscriptionNotFoundError(NotFound):
    pass


class ReceiptNotFoundError(NotFound):
    """No receipt without a member has this number and total."""

    code = "receipt-not-found"


class MemberNotFoundError(NotFound):
    code = "member-not-found"


class RewardNotFoundError(NotFound):
    code = "reward-not-found"


class NotAuthentic(JifenError):  # noqa: N818 a family
    code = "token-missing"


class TokenMissingError(NotAuthentic):
    pass


class SignatureInvalidError(NotAuthentic):
    code = "signature-invalid"


class NotAllowed(JifenError):  # noqa: N818 a family
    code = "scope-missing"


class ScopeMissingError(NotAllowed):
    pass


class StoreNotAllowedError(NotAllowed):
    code = "store-not-allowed"


class SelfApprovalError(NotAllowed):
    code = "self-approval"


class Malformed(JifenError):  # noqa: N818 a family
    code = "malformed-json"


class MalformedJsonError(Malformed):
    pass


class NotUtf8Error(Malformed):
    code = "not-utf8"


class BadCursorError(Malformed):
    code = "bad-cursor"


class IdempotencyKeyMissingError(Malformed):
    code = "idempotency-key-missing"


class BodyTooLargeError(JifenError):
    code = "body-too-large"


class RateLimitedError(JifenError):
    """Fields: limit (tries a day), retry_after (seconds)."""

    code = "rate-limited"


class Conflict(JifenError):  # noqa: N818 a family
    code = "conflict"


class InsufficientPointsError(Conflict):
    """Fields: required, available, missing (points)."""

    code = "insufficient-points"


class OutOfStockError(Conflict):
    """Fields: reward_id, required, available (pieces)."""

    code = "out-of-stock"


class LimitReachedError(Conflict):
    """Fields: reward_id or benefit_id, limit, every, required, available (pieces, claims)."""

    code = "limit-reached"


class TaskNotFulfilledError(Conflict):
    """Fields: task_id, lacking (what the rule asks for and was not shown, or is used up)."""

    code = "task-not-fulfilled"


class CompletionDecidedError(Conflict):
    """Fields: status (`approved` or `rejected`)."""

    code = "completion-decided"


class AdjustmentDecidedError(Conflict):
    """Fields: decision (`applied` or `rejected`)."""

    code = "adjustment-decided"


class DailyCapReachedError(Conflict):
    """Fields: limit (points that one person may give and take on a day), required (points of this request)."""

    code = "daily-cap-reached"


class BirthdayOnlyError(Conflict):
    """Fields: benefit_id, birthday (`day` or `month`)."""

    code = "birthday-only"


class TierRequiredError(Conflict):
    """Fields: required (tier ids), tier (the member's)."""

    code = "tier-required"


class RewardNotAvailableError(Conflict):
    code = "reward-not-available"


class AlreadyCancelledError(Conflict):
    code = "already-cancelled"


class AlreadyUsedError(Conflict):
    code = "already-used"


class AlreadyApprovedError(Conflict):
    """Fields: redemption_id."""

    code = "already-approved"


class ApprovalRequiredError(Conflict):
    """Fields: redemption_id."""

    code = "approval-required"


class MemberFrozenError(Conflict):
    code = "member-frozen"


class NotClaimableError(Conflict):
    """Fields: reason (`outside-the-claim-window`, `before-the-program`, `too-many-returns`)."""

    code = "not-claimable"


class SaleConflictError(Conflict):
    """The receipt (or refund) is known with other content. Fields: store_id, receipt_id."""

    code = "sale-conflict"


class RefundExceedsSaleError(Conflict):
    """Fields: required, available (minor units), line_id where one line is concerned."""

    code = "refund-exceeds-sale"


class ReferenceTakenError(Conflict):
    """The phone, card or external id belongs to another member. Fields: kind."""

    code = "reference-taken"


class RewardExistsError(Conflict):
    """Fields: reward_id."""

    code = "already-exists"


class PreconditionFailed(JifenError):  # noqa: N818 a family
    code = "version-mismatch"


class PreconditionRequired(JifenError):  # noqa: N818 a family
    code = "if-match-required"


class IfMatchRequiredError(PreconditionRequired):
    """A change has to say which state it is based on."""


class VersionMovedError(PreconditionFailed):
    """Somebody published or changed it in between. Fields: base, current."""

    code = "version-mismatch"


class Rejected(JifenError):  # noqa: N818 a family
    code = "validation-failed"


class InvalidFieldError(Rejected):
    """Fields: errors, a list of {pointer, code, detail}."""


class IdempotencyKeyReusedError(Rejected):
    code = "idempotency-key-reused"


class ConsentRequiredError(Rejected):
    """Fields: required, a list of {policy, version}."""

    code = "consent-required"


class NoticeTooShortError(Rejected):
    code = "notice-too-short"


class Unavailable(JifenError):  # noqa: N818 a family
    code = "busy-try-again"


class BusyError(Unavailable):
    """Others kept winning the same item until the time was up."""


class DependencyUnavailableError(Unavailable):
    code = "dependency-unavailable"


class NoProgramError(Unavailable):
    """No version of the program is in force at that instant and store."""

    code = "dependency-unavailable"


class ProgramNotBegunError(NoProgramError):
    """There are versions, and none of them had begun by then: that will not change."""
