"""What a member was told, and is about to be told."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import Field

from functions.queries.dependencies import Dependencies
from shared.errors import BadCursorError, DependencyUnavailableError, InvalidFieldError, MemberNotFoundError
from shared.http.call import Call
from shared.http.fields import AnswerModel
from shared.http.pages import Cursor, Limit, NextCursor
from shared.http.routes import Routes
from shared.messages.message import Channel, Kind, Language, Message, State
from shared.messages.texts import told
from shared.runtime import telemetry


class MessageView(AnswerModel):
    """A message by one channel. `language` is the one in which it was told; the texts here are in the caller's."""

    id: Annotated[str, Field(examples=["msg_7Q1ZK8N5V0M3T6R9W2X4Y7A1CD"])]
    kind: Kind
    channel: Channel
    status: State
    reason: Annotated[str | None, Field(description="Why it was skipped.", examples=["declined"])]
    title: Annotated[str, Field(examples=["积分即将到期"])]
    text: str
    language: Language
    due_on: Annotated[date, Field(description="The day on which it fell due, in the program's zone.")]
    made_at: datetime
    sent_at: datetime | None

    @classmethod
    def of(cls, message: Message, language: Language) -> Self:
        title, text = told(message, language)
        return cls(
            id=message.message_id,
            kind=message.notice.kind,
            channel=message.channel,
            status=message.state,
            reason=message.reason or None,
            title=title,
            text=text,
            language=message.language,
            due_on=message.notice.due_on,
            made_at=message.made_at,
            sent_at=message.settled_at if message.state is State.SENT else None,
        )


class MessagePage(AnswerModel):
    """Messages, those that fell due last first."""

    items: list[MessageView]
    next_cursor: NextCursor


routes = Routes[Dependencies](tag="Messages")


@routes.get(
    "/v1/me/messages",
    scopes=("member",),
    errors=(BadCursorError, InvalidFieldError, MemberNotFoundError, DependencyUnavailableError),
)
def list_messages(built: Dependencies, call: Call, *, limit: Limit = 20, cursor: Cursor = None) -> MessagePage:
    """List what I was told about my points and my tier, newest first."""
    member_id = built.members.member_of_subject(call.principal.identity)
    telemetry.note(member_id=member_id)
    listing = built.cursors.listing(route=call.route, principal=member_id, filters={})
    page = built.messages.page(member_id, limit=limit, start=listing.start(cursor))
    views = [MessageView.of(one, call.language) for one in page.items]
    return MessagePage(items=views, next_cursor=listing.next_cursor(page.following))
