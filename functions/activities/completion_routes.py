"""What members say they did: handed in by them, decided by staff."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, StringConstraints

from functions.activities.dependencies import Dependencies
from shared.earning.completion_store import MOST_LISTED, Completion, Evidence
from shared.earning.completions import approve, reject
from shared.earning.hand_in import Submission, hand_in
from shared.errors import (
    BusyError,
    CompletionDecidedError,
    CompletionNotFoundError,
    DependencyUnavailableError,
    IdempotencyKeyReusedError,
    InvalidFieldError,
    MemberFrozenError,
    MemberNotFoundError,
    NoProgramError,
    SelfApprovalError,
    TaskNotFoundError,
    TaskNotFulfilledError,
)
from shared.http.actors import actor_of
from shared.http.call import ACCEPTED, CREATED, OK, Answer, Call
from shared.http.fields import AnswerModel, BusinessId, Prose, RequestModel, Why
from shared.http.idempotency import request_digest
from shared.http.routes import Routes
from shared.ledger.entries import Entry
from shared.ledger.entry_ids import entry_id
from shared.runtime import telemetry

Photo = Annotated[str, StringConstraints(pattern=r"^https://[!-~]{1,500}$")]


class CompletionRequest(RequestModel):
    """What was done. `subject`: which product, order or campaign it is about."""

    subject: BusinessId | None = None
    text: Annotated[Prose, Field(description="A review or report.")] = ""
    photos: Annotated[tuple[Photo, ...], Field(max_length=9, description="Addresses of photos.")] = ()
    likes: Annotated[int, Field(strict=True, ge=0, le=1_000_000)] | None = None
    page: Annotated[Prose, Field(max_length=100)] = ""

    def evidence(self) -> Evidence:
        return Evidence(text=self.text, photos=self.photos, likes=self.likes, page=self.page)


class CompletionView(AnswerModel):
    """What became of it. Points come with the approval; `entry_id` is there where they came at once."""

    id: Annotated[str | None, Field(description="For what staff decides.")]
    task_id: str
    subject: str | None
    status: Literal["waiting", "approved", "rejected"]
    points: int
    entry_id: str | None
    reason: Annotated[str | None, Field(description="Why it was rejected.")]
    submitted_at: datetime

    @classmethod
    def of(cls, one: Completion) -> Self:
        return cls(
            id=one.id,
            task_id=one.task_id,
            subject=one.subject or None,
            status=one.status,
            points=0,
            entry_id=None,
            reason=one.reason or None,
            submitted_at=one.submitted_at,
        )

    @classmethod
    def of_entry(cls, entry: Entry, task_id: str, subject: str | None) -> Self:
        return cls(
            id=None,
            task_id=task_id,
            subject=subject,
            status="approved",
            points=entry.movement.points,
            entry_id=entry_id(entry.key),
            reason=None,
            submitted_at=entry.occurred_at,
        )


class CompletionList(AnswerModel):
    """What a member handed in for a task."""

    items: list[CompletionView]
    next_cursor: None = None


class WaitingView(AnswerModel):
    """What waits for a person, with all that the member shows."""

    id: str
    member_id: str
    task_id: str
    subject: str | None
    text: str
    photos: list[str]
    likes: int | None
    page: str | None
    submitted_at: datetime


class WaitingList(AnswerModel):
    """What waits for a person, a hundred at most, oldest first: deciding makes room for the next."""

    items: Annotated[list[WaitingView], Field(max_length=MOST_LISTED)]
    next_cursor: None = None


class CompletionRejectionRequest(RequestModel):
    """Why it is refused; the member sees it."""

    reason: Why


class CompletionDecisionView(AnswerModel):
    """What was decided. Repeated, it is answered as it was."""

    id: str
    member_id: str
    task_id: str
    status: Literal["waiting", "approved", "rejected"]
    decided_at: datetime | None


routes = Routes[Dependencies](tag="Activities")
_DECIDING: Final[Any] = (
    BusyError,
    CompletionDecidedError,
    CompletionNotFoundError,
    DependencyUnavailableError,
    MemberNotFoundError,
    NoProgramError,
    SelfApprovalError,
)


@routes.post(
    "/v1/me/tasks/<task_id>/completions",
    scopes=("member",),
    status=CREATED,
    also=(OK, ACCEPTED),
    idempotent=True,
    errors=(
        BusyError,
        DependencyUnavailableError,
        IdempotencyKeyReusedError,
        InvalidFieldError,
        MemberFrozenError,
        MemberNotFoundError,
        NoProgramError,
        TaskNotFoundError,
        TaskNotFulfilledError,
    ),
)
def complete_task(built: Dependencies, call: Call, request: CompletionRequest, task_id: str) -> Answer[CompletionView]:
    """Hand in what I did: points at once where my word counts, else once staff approves."""
    member_id = built.members.member_of_subject(call.principal.identity)
    telemetry.note(member_id=member_id)
    submission = Submission(
        id=call.derived_id("cpl"),
        digest=request_digest(request, task_id=task_id),
        member_id=member_id,
        task_id=task_id,
        subject=request.subject or "",
        evidence=request.evidence(),
    )
    submitted, replayed = hand_in(submission, built.handing_in, call.patience)
    if isinstance(submitted.outcome, Entry):
        view = CompletionView.of_entry(submitted.outcome, task_id, request.subject)
        return Answer(body=view, status=OK if submitted.before else CREATED, replayed=replayed)
    view = CompletionView.of(submitted.outcome)
    return Answer(body=view, status=ACCEPTED if view.status == "waiting" else OK, replayed=replayed)


@routes.get(
    "/v1/me/tasks/<task_id>/completions",
    scopes=("member",),
    errors=(MemberNotFoundError, DependencyUnavailableError),
)
def list_completions(built: Dependencies, call: Call, task_id: str) -> CompletionList:
    """List what I handed in for staff to decide, and what became of it."""
    member_id = built.members.member_of_subject(call.principal.identity)
    return CompletionList(items=[CompletionView.of(one) for one in built.completions.of_member(member_id, task_id)])


@routes.get("/v1/admin/completions", scopes=("staff:read", "staff:approve"), errors=(DependencyUnavailableError,))
def list_waiting(built: Dependencies, call: Call) -> WaitingList:  # noqa: ARG001 no caller sees more than another
    """List what waits for a decision."""
    return WaitingList(
        items=[
            WaitingView(
                id=one.id,
                member_id=one.member_id,
                task_id=one.task_id,
                subject=one.subject or None,
                text=one.evidence.text,
                photos=list(one.evidence.photos),
                likes=one.evidence.likes,
                page=one.evidence.page or None,
                submitted_at=one.submitted_at,
            )
            for one in built.completions.waiting()
        ]
    )


@routes.post(
    "/v1/admin/completions/<completion_id>/approve",
    scopes=("staff:approve",),
    errors=(*_DECIDING, MemberFrozenError, TaskNotFoundError, TaskNotFulfilledError),
)
def approve_completion(built: Dependencies, call: Call, completion_id: str) -> CompletionDecisionView:
    """Approve what a member handed in: the points are given with it, once."""
    actor = actor_of(built.members, call)
    decided = approve(completion_id, actor, built.earning, built.completions, call.patience)
    return _decision(decided)


@routes.post("/v1/admin/completions/<completion_id>/reject", scopes=("staff:approve",), errors=_DECIDING)
def reject_completion(
    built: Dependencies, call: Call, request: CompletionRejectionRequest, completion_id: str
) -> CompletionDecisionView:
    """Refuse what a member handed in, with a reason; the member may hand in again."""
    actor = actor_of(built.members, call)
    decided = reject(completion_id, request.reason, actor, built.earning, built.completions, call.patience)
    return _decision(decided)


def _decision(decided: Completion) -> CompletionDecisionView:
    telemetry.note(member_id=decided.member_id, result=decided.status)
    return CompletionDecisionView(
        id=decided.id,
        member_id=decided.member_id,
        task_id=decided.task_id,
        status=decided.status,
        decided_at=decided.decided_at,
    )
