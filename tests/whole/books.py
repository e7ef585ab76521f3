"""The audit over all that a stage holds: every invariant, INV-1 to INV-10."""

from shared.audit.check import check_members, check_program
from shared.earning.audit import budget_differences, is_budget
from shared.program.store import Programs
from shared.redemption.audit import is_shard, stock_differences
from shared.runtime import aws
from tests.whole.engine import plain
from tests.whole.stage import Stage, State


def differences_in(state: State, stage: Stage) -> list[str]:
    """Name what is wrong with accounts, entries, stock and budgets."""
    tables = stage.tables
    accounts = [plain(item) for (table, *_), item in state.items() if table == tables.accounts]
    items = [plain(item) for (table, *_), item in state.items() if table == tables.ledger]
    findings = check_members(accounts, items, Programs(client=aws.client("dynamodb"), table=tables.ledger))
    return [
        *findings.differences,
        *check_program(findings),
        *budget_differences([item for item in items if is_budget(item)], findings.spent),
        *stock_differences(filter(is_shard, items), findings.taken),
    ]
