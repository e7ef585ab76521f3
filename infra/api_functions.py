"""The functions behind the API, and what each may do."""

from collections.abc import Callable, Mapping
from typing import Final

from infra.constructs.function import PythonFunction
from infra.function_factory import FunctionFactory
from infra.grants import (
    READ,
    WRITE,
    allow_activities,
    allow_adjustments,
    allow_budgets,
    allow_catalogue,
    allow_deeds,
    allow_index,
    allow_known_callers,
    allow_quarantine,
    allow_requests,
    allow_secret,
    allow_stock_updates,
    allow_table,
    allow_trail,
    allow_welcomes,
)
from infra.routes import FunctionName
from shared import names


def api_functions(factory: FunctionFactory) -> dict[FunctionName, PythonFunction]:
    """Build them all."""
    return {name: build(factory) for name, build in _FUNCTIONS.items()}


def _webhooks(factory: FunctionFactory) -> PythonFunction:
    data = factory.data
    own = {names.QUARANTINE_BUCKET: data.quarantine.bucket_name}
    function = factory.build("Webhooks", folder="webhooks", environment=own)
    allow_table(function, data.accounts, "GetItem", *WRITE)
    allow_table(function, data.ledger, *READ, *WRITE)
    allow_index(function, data.ledger, index=names.ENTRIES_BY_MEMBER)
    allow_budgets(function, data.ledger)
    allow_table(function, data.members, "GetItem", "ConditionCheckItem")
    allow_secret(function, data.subscriptions)
    allow_quarantine(function, data.quarantine, key=data.key)
    allow_secret(function, data.keys)
    return function


def _members(factory: FunctionFactory) -> PythonFunction:
    data = factory.data
    function = factory.build("Members", folder="members")
    allow_table(function, data.members, *READ, *WRITE, "DeleteItem")
    allow_table(function, data.accounts, "GetItem", "BatchGetItem", *WRITE)
    allow_table(function, data.ledger, "GetItem", "BatchGetItem")
    allow_welcomes(function, data.ledger)
    allow_index(function, data.ledger, index=names.ENTRIES_BY_MEMBER)
    allow_budgets(function, data.ledger)
    allow_secret(function, data.keys)
    return function


def _queries(factory: FunctionFactory) -> PythonFunction:
    data = factory.data
    function = factory.build("Queries", folder="queries")
    allow_table(function, data.accounts, *READ)
    allow_table(function, data.ledger, *READ)
    allow_index(function, data.ledger, index=names.ENTRIES_BY_MEMBER)
    allow_table(function, data.members, *READ)
    allow_secret(function, data.keys)
    allow_trail(function, data.ledger)
    return function


def _redemptions(factory: FunctionFactory) -> PythonFunction:
    data = factory.data
    function = factory.build("Redemptions", folder="redemptions")
    allow_table(function, data.accounts, "GetItem", *WRITE)
    allow_table(function, data.ledger, *READ, *WRITE)
    allow_index(function, data.ledger, index=names.ENTRIES_BY_MEMBER)
    allow_stock_updates(function, data.ledger)
    allow_table(function, data.members, "GetItem", "ConditionCheckItem")
    allow_requests(function, data.members)
    allow_secret(function, data.keys)
    return function


def _activities(factory: FunctionFactory) -> PythonFunction:
    data = factory.data
    function = factory.build("Activities", folder="activities")
    allow_table(function, data.accounts, "GetItem", *WRITE)
    allow_table(function, data.ledger, *READ, *WRITE)
    allow_index(function, data.ledger, index=names.ENTRIES_BY_MEMBER)
    allow_budgets(function, data.ledger)
    allow_table(function, data.members, "GetItem", "ConditionCheckItem")
    allow_activities(function, data.members)
    allow_secret(function, data.keys)
    return function


def _desk(factory: FunctionFactory) -> PythonFunction:
    data = factory.data
    function = factory.build("Desk", folder="desk")
    allow_table(function, data.accounts, "GetItem", "PutItem")
    allow_table(function, data.ledger, *READ)
    allow_index(function, data.ledger, index=names.ENTRIES_BY_MEMBER)
    allow_deeds(function, data.ledger)
    allow_adjustments(function, data.members)
    allow_known_callers(function, data.members)
    allow_secret(function, data.keys)
    return function


def _catalog(factory: FunctionFactory) -> PythonFunction:
    data = factory.data
    function = factory.build("Catalog", folder="catalog")
    allow_table(function, data.ledger, "GetItem", "BatchGetItem")
    allow_catalogue(function, data.ledger)
    return function


def _public(factory: FunctionFactory) -> PythonFunction:
    data = factory.data
    function = factory.build("Public", folder="public")
    allow_table(function, data.ledger, *READ)
    return function


_FUNCTIONS: Final[Mapping[FunctionName, Callable[[FunctionFactory], PythonFunction]]] = {
    "webhooks": _webhooks,
    "members": _members,
    "queries": _queries,
    "redemptions": _redemptions,
    "activities": _activities,
    "desk": _desk,
    "catalog": _catalog,
    "public": _public,
}
