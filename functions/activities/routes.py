"""Check-ins, and what else earns points."""

from typing import Annotated, Final, Literal

from pydantic import Field

from functions.activities.dependencies import Dependencies
from shared.earning.acting import Task, tasks_of
from shared.earning.record_action import NoCheckInError, check_in
from shared.errors import (
    BusyError,
    DependencyUnavailableError,
    MemberFrozenError,
    MemberNotFoundError,
    NoProgramError,
    TaskNotFoundError,
)
from shared.http.call import Answer, Call
from shared.http.fields import AnswerModel
from shared.http.routes import Routes
from shared.ledger.entry_ids import entry_id
from shared.ledger.posting import as_of
from shared.program.sentences import action_sentence
from shared.runtime import telemetry

CREATED: Final = 201
OK: Final = 200


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
    done_today: Annotated[bool, Field(description="For check-ins: today's is done.")]


class TaskList(AnswerModel):
    """Everything that earns points besides buying, in the order of the chain."""

    items: list[TaskView]
    next_cursor: None = None


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
    telemetry.count("CheckIns", int(not done.repeated))
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
            done_today=task.done_today,
        )

    return TaskList(items=[view(task) for task in tasks_of(moment.program, account, moment.today)])
