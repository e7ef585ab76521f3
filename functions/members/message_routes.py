"""How a member wants to be told."""

from functions.members.dependencies import Dependencies
from functions.members.message_schemas import MessageSettingsRequest, MessageSettingsView, settings_view
from shared.errors import BusyError, DependencyUnavailableError, InvalidFieldError, MemberNotFoundError, NoProgramError
from shared.http.call import Call
from shared.http.routes import Routes
from shared.messages.message import Kind
from shared.messages.settings import channels_offered, channels_taken
from shared.runtime import telemetry
from shared.runtime.ids import MemberId

routes = Routes[Dependencies](tag="Messages")


@routes.get(
    "/v1/me/message-settings",
    scopes=("member",),
    errors=(MemberNotFoundError, DependencyUnavailableError, NoProgramError),
)
def read_message_settings(built: Dependencies, call: Call) -> MessageSettingsView:
    """Read how I am notified about my points and my tier."""
    member_id = built.members.member_of_subject(call.principal.identity)
    telemetry.note(member_id=member_id)
    return _view(built, member_id)


@routes.put(
    "/v1/me/message-settings",
    scopes=("member",),
    errors=(InvalidFieldError, MemberNotFoundError, BusyError, DependencyUnavailableError, NoProgramError),
)
def change_message_settings(built: Dependencies, call: Call, request: MessageSettingsRequest) -> MessageSettingsView:
    """Choose how I am notified about my points and my tier, or switch it off."""
    member_id = built.members.member_of_subject(call.principal.identity)
    telemetry.note(member_id=member_id)
    built.recipients.change(member_id, request.settings(built.clock()), call.patience)
    return _view(built, member_id)


def _view(built: Dependencies, member_id: MemberId) -> MessageSettingsView:
    recipient = built.recipients.read(member_id)
    if recipient is None:
        raise MemberNotFoundError
    offered = channels_offered(built.moment().program)
    in_use = {kind: channels_taken(recipient, kind, offered, built.required_consents) for kind in Kind}
    return settings_view(recipient.settings, in_use)
