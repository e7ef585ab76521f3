"""What everybody may know: rules, rewards, stores, the API itself."""

from datetime import timedelta
from typing import Annotated, Final

from aws_lambda_powertools.event_handler.openapi.params import Query

from functions.public.dependencies import Dependencies
from functions.public.schemas import CampaignList, HealthView, ProgramView, PublicRewardList, StoreList
from functions.public.views import campaign_list, program_view, reward_list, store_list
from shared.errors import DependencyUnavailableError, InvalidFieldError, NoProgramError
from shared.http.call import Answer, Call
from shared.http.fields import Day
from shared.http.problems import invalid_field
from shared.http.routes import Routes
from shared.program.calendar import business_date
from shared.program.timeline import EVERYWHERE

MAX_AGE_SECONDS: Final = 60
DAYS_SHOWN: Final = timedelta(days=30)
MOST_DAYS: Final = timedelta(days=92)

StoreId = Annotated[str, Query(max_length=64, description="The store whose rules are asked for, in a pilot.")]

routes = Routes[Dependencies](tag="Public")


@routes.get("/v1/program", errors=(NoProgramError, DependencyUnavailableError), max_age_seconds=MAX_AGE_SECONDS)
def read_program(built: Dependencies, call: Call, store_id: StoreId = EVERYWHERE) -> ProgramView:  # noqa: ARG001
    """Read the rules in force, in plain language, and what comes next."""
    return program_view(built.programs, built.clock(), store_id)


@routes.get(
    "/v1/campaigns",
    errors=(InvalidFieldError, NoProgramError, DependencyUnavailableError),
    max_age_seconds=MAX_AGE_SECONDS,
)
def read_campaigns(
    built: Dependencies,
    call: Call,  # noqa: ARG001
    *,
    first: Annotated[Day | None, Query(alias="from", description="The first day, today unless given.")] = None,
    last: Annotated[Day | None, Query(alias="to", description="The last day, 30 days later unless given.")] = None,
    store_id: StoreId = EVERYWHERE,
) -> CampaignList:
    """Read which campaigns run when, each occurrence on its own."""
    now = built.clock()
    begin = first or business_date(now, built.programs.chain_wide(now).business_zone)
    end = last or begin + DAYS_SHOWN
    if not begin <= end <= begin + MOST_DAYS:
        raise invalid_field("query:to", "out-of-range", least=begin.isoformat(), most=(begin + MOST_DAYS).isoformat())
    return campaign_list(built.programs, now, store_id, begin, end)


@routes.get("/v1/rewards", errors=(DependencyUnavailableError,), max_age_seconds=MAX_AGE_SECONDS)
def read_rewards(built: Dependencies, call: Call) -> PublicRewardList:  # noqa: ARG001 every route takes the call
    """Read the catalogue."""
    return reward_list(built.catalogues.in_force(built.clock()))


@routes.get("/v1/stores", errors=(NoProgramError, DependencyUnavailableError), max_age_seconds=MAX_AGE_SECONDS)
def read_stores(built: Dependencies, call: Call) -> StoreList:  # noqa: ARG001
    """Read the stores of the chain."""
    return store_list(built.programs, built.clock())


@routes.get("/v1/health")
def read_health(built: Dependencies, call: Call) -> HealthView:  # noqa: ARG001
    """Say that the API is up, and which version it is."""
    return HealthView(status="ok", version=built.document.version)


@routes.get("/v1/openapi.json", max_age_seconds=MAX_AGE_SECONDS)
def read_openapi(built: Dependencies, call: Call) -> Answer[str]:  # noqa: ARG001
    """Read this description of the API."""
    return Answer(body=built.document.text)
