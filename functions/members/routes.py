"""The routes of members about themselves, and of tills about members."""

from functions.members.dependencies import Dependencies
from functions.members.schemas import EnrolmentRequest, LookupRequest, LookupView, MemberView, ProfileRequest
from functions.members.views import lookup_view, member_view
from shared.errors import (
    BusyError,
    ConsentRequiredError,
    DependencyUnavailableError,
    InvalidFieldError,
    LimitReachedError,
    MemberNotFoundError,
    NoProgramError,
    ReferenceTakenError,
)
from shared.http.call import CREATED, OK, Answer, Call
from shared.http.routes import Routes
from shared.members.change_profile import change_profile
from shared.members.enrol import Opening, enrol
from shared.runtime import telemetry
from shared.runtime.ids import MemberId
from shared.tiers.time_rules import Moment

routes = Routes[Dependencies](tag="Members")


@routes.post(
    "/v1/me",
    scopes=("member",),
    status=CREATED,
    also=(OK,),
    errors=(
        ConsentRequiredError,
        InvalidFieldError,
        ReferenceTakenError,
        BusyError,
        DependencyUnavailableError,
        NoProgramError,
    ),
)
def enrol_me(built: Dependencies, call: Call, request: EnrolmentRequest) -> Answer[MemberView]:
    """Enrol: 201 with the new member, 200 with the one who is enrolled already."""
    moment = built.moment()
    enrolled = enrol(
        built.members,
        built.welcome(call.patience),
        request.enrolment(call.principal),
        _opening(MemberId(built.new_id("mem")), moment),
        required=built.required_consents,
        patience=call.patience,
    )
    telemetry.note(member_id=enrolled.overview.profile.member_id)
    telemetry.count("MembersEnrolled", int(enrolled.is_new))
    return Answer(body=member_view(enrolled.overview, moment), status=CREATED if enrolled.is_new else OK)


@routes.get("/v1/me", scopes=("member",), errors=(MemberNotFoundError, DependencyUnavailableError, NoProgramError))
def read_me(built: Dependencies, call: Call) -> MemberView:
    """Read my profile, tier and balance."""
    moment = built.moment()
    member_id = built.members.member_of_subject(call.principal.identity)
    telemetry.note(member_id=member_id)
    return member_view(built.members.overview(member_id, call.patience), moment)


@routes.patch(
    "/v1/me",
    scopes=("member",),
    errors=(
        InvalidFieldError,
        MemberNotFoundError,
        ReferenceTakenError,
        LimitReachedError,
        BusyError,
        DependencyUnavailableError,
        NoProgramError,
    ),
)
def change_me(built: Dependencies, call: Call, request: ProfileRequest) -> MemberView:
    """Change my profile; give or withdraw consents."""
    moment = built.moment()
    member_id = built.members.member_of_subject(call.principal.identity)
    telemetry.note(member_id=member_id)
    change = request.change(call.principal)
    overview = change_profile(
        built.members, built.welcome(call.patience), member_id, change, at=moment.now, patience=call.patience
    )
    return member_view(overview, moment)


@routes.post(
    "/v1/members/lookup",
    scopes=("pos:write", "pos:redeem", "staff:read"),
    errors=(InvalidFieldError, MemberNotFoundError, DependencyUnavailableError, NoProgramError),
)
def look_up_member(built: Dependencies, call: Call, request: LookupRequest) -> LookupView:
    """Find the member of a phone, card or external id."""
    moment = built.moment()
    member_id = built.members.lookup(*request.reference())
    telemetry.note(member_id=member_id)
    return lookup_view(built.members.overview(member_id, call.patience), moment)


def _opening(member_id: MemberId, moment: Moment) -> Opening:
    lowest = moment.program.lowest_tier
    return Opening(member_id=member_id, at=moment.now, enrolled_on=moment.today, tier_id=lowest)
