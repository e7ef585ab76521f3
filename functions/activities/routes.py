"""Check-ins, and what else earns points."""

from typing import Annotated, Final, Literal

from pydantic import Field

from functions.activities.dependencies import Dependencies
from shared.earning.acting import Task, tasks_of
from shared.earning.history import FRIENDS
from shared.earning.record_action import NoCheckInError, check_in
from shared.errors import (
    BusyError,
    DependencyUnavailableError,
    MemberFrozenError,
    MemberNotFoundError,
    NoProgramError,
    TaskNotFoundError,
)
from shared.http.call import CREATED, OK, Answer, Call
from shared.http.fields import AnswerModel
from shared.http.routes import Routes
from shared.ledger.account import Account
from shared.ledger.entry_ids import entry_id
from shared.ledger.posting import as_of
from shared.members.references import Reference, referral_code
from shared.program.actions import REFERRALS
from shared.program.sentences import action_sentence
from shared.runtime import telemetry

CODE_GROUP: Final = 4


class CheckInView(AnswerModel):
    """A check-in: which day of the streak it is, what it gave, and what tomorrow's will."""

    streak_day: Annotated[int, Field(examples=[4])]
    points: Annotated[int, Field(examples=[12])]
    next_day_points: Annotated[int, Field(examples=[15])]
    entry_id: str


class TaskView(AnswerModel):
    """Something that earns points besides buying. `left` is how often it still can in its period; None: no limit."""

    id: str
    name: str
    on: str
    text: str
    points: Annotated[int, Field(description="What it gives at most, next time.")]
    left: int | None
    every: Literal["day", "week", "month", "year", "ever"] | None
    confirmed_by: Annotated[
        Literal["event", "member", "staff"],
        Field(description="`member` and `staff` ones are handed in by the member, and decided by staff or at once."),
    ]
    done_today: Annotated[bool, Field(description="For check-ins: today's is done.")]


class TaskList(AnswerModel):
    """Everything that earns points besides buying, in the order of the chain."""

    items: list[TaskView]
    next_cursor: None = None


class ReferralView(AnswerModel):
    """How to invite: the code to hand on, how many friends came by it, and what inviting gives."""

    code: Annotated[str, Field(examples=["7K3M-Q2W8-X4B6-T1V9"])]
    friends: Annotated[int, Field(description="Those who joined, but for those whose first order came back.")]
    tasks: list[TaskView]


routes = Routes[Dependencies](tag="Activities")


@routes.post(
    "/v1/me/check-ins",
    scopes=("member",),
    status=CREATED,
    also=(OK,),
    errors=(
        MemberFrozenError,
        MemberNotFoundError,
        TaskNotFoundError,
        BusyError,
        DependencyUnavailableError,
        NoProgramError,
    ),
)
def post_check_in(built: Dependencies, call: Call) -> Answer[CheckInView]:
    """Check in for today: once a day by the server's clock; a second time is answered as the first."""
    member_id = built.members.member_of_subject(call.principal.identity)
    telemetry.note(member_id=member_id)
    try:
        done = check_in(member_id, built.earning, call.patience)
    except NoCheckInError:
        raise TaskNotFoundError from None
    view = CheckInView(
        streak_day=done.entry.details["st"],
        points=done.entry.movement.points,
        next_day_points=done.next_day_points,
        entry_id=entry_id(done.entry.key),
    )
    return Answer(body=view, status=OK if done.repeated else CREATED)


@routes.get(
    "/v1/me/tasks",
    scopes=("member",),
    errors=(MemberNotFoundError, DependencyUnavailableError, NoProgramError),
)
def list_tasks(built: Dependencies, call: Call) -> TaskList:
    """List what earns points besides buying, and how often it still can."""
    member_id = built.members.member_of_subject(call.principal.identity)
    telemetry.note(member_id=member_id)
    _, views = _tasks(member_id, built, call)
    return TaskList(items=views)


@routes.get(
    "/v1/me/referral",
    scopes=("member",),
    errors=(MemberNotFoundError, BusyError, DependencyUnavailableError, NoProgramError),
)
def read_referral(built: Dependencies, call: Call) -> ReferralView:
    """Read my code for friends, the same for ever, and what inviting gives."""
    member_id = built.members.member_of_subject(call.principal.identity)
    telemetry.note(member_id=member_id)
    code = referral_code(member_id, built.codes_key)
    built.members.add_reference(Reference("referral_code", code), member_id, call.patience)
    account, views = _tasks(member_id, built, call)
    return ReferralView(
        code="-".join(code[at : at + CODE_GROUP] for at in range(0, len(code), CODE_GROUP)),
        friends=account.counters.get(FRIENDS, 0),
        tasks=[view for view in views if view.on in REFERRALS],
    )


def _tasks(member_id: str, built: Dependencies, call: Call) -> tuple[Account, list[TaskView]]:
    moment = built.earning.rules.moment(built.earning.clock())
    account = as_of(built.earning.ledger.account(member_id), moment.now, moment.rules)
    english = call.language == "en"

    def view(task: Task) -> TaskView:
        sentence = action_sentence(task.rule, moment.program)
        return TaskView(
            id=task.rule.id,
            name=task.rule.name,
            on=task.rule.on,
            text=sentence.en if english else sentence.zh,
            points=task.points,
            left=task.left,
            every=(task.rule.limit.every or "ever") if task.rule.limit else None,
            confirmed_by=task.rule.confirmed_by or "event",
            done_today=task.done_today,
        )

    return account, [view(task) for task in tasks_of(moment.program, account, moment.today)]
