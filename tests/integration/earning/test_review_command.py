"""`jifen review`: what a person decides about sales that could not simply be counted. E15 (c), I13."""

from datetime import timedelta
from io import StringIO

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from cli.audit import print_findings
from cli.connection import Connection
from cli.review import app
from shared.audit.check import Findings
from shared.earning.review import list_reviewed
from shared.errors import SaleConflictError
from shared.runtime.clock import utc_now
from tests.builders import Till, a_program, a_sale, per_yuan, publish


class Desk:
    """A till in the past, and the command today."""

    def __init__(self, till: Till, engine_url: str) -> None:
        self.till = till
        self._connection = Connection(
            tables=till.ledger.tables,
            subscriptions_secret="",
            keys_secret="",
            api_url="",
            endpoint_url=engine_url,
            region="us-east-1",
        )

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, list(arguments), obj=self._connection)

    def only_id(self) -> str:
        (one,) = list_reviewed(self.till.ledger)
        return one.id


@pytest.fixture
def desk(bare_till: Till, engine_url: str) -> Desk:
    bare_till.clock.now = utc_now()
    publish(bare_till.ledger, a_program(per_yuan(1, 10)))
    return Desk(bare_till, engine_url)


def test_e15_c_a_late_sale_is_listed_accepted_once_and_gone(desk: Desk) -> None:
    till = desk.till
    member = till.a_member()
    sale = a_sale(10_000, occurred_at=till.clock() - timedelta(days=40))
    till.sell(sale, member)

    listed = desk.run("list").output
    assert "outside-the" in listed
    accepted = desk.run("accept", desk.only_id()[:8])

    assert accepted.output == "applied: +10 points\n"
    assert till.points(member) == [10]
    assert desk.run("list").output == "nothing waits\n"
    assert till.sell(sale, member).result == "duplicate"
    assert till.audit(member) == []


def test_t18_a_receipt_that_a_till_named_like_markup_is_listed_and_dismissed_as_it_is_called(desk: Desk) -> None:
    named = "A[/]:100:[bold]"
    late = desk.till.clock() - timedelta(days=40)
    desk.till.sell(a_sale(10_000, occurred_at=late, receipt_id=named), desk.till.a_member())

    assert named in desk.run("list").output
    assert named in desk.run("dismiss", desk.only_id()).output


def test_t18_a_difference_of_such_a_receipt_is_printed() -> None:
    found = Findings(differences=["INV-1 SALE of SALE#SH001#A[/]:100:[bold]"])
    console = Console(record=True, file=StringIO(), width=120)

    print_findings(console, found)

    assert found.differences[0] in console.export_text()


def test_a_dismissed_sale_earns_nothing(desk: Desk) -> None:
    member = desk.till.a_member()
    desk.till.sell(a_sale(10_000, occurred_at=desk.till.clock() - timedelta(days=40)), member)

    assert desk.run("dismiss", desk.only_id()).exit_code == 0

    assert desk.till.points(member) == []
    assert list_reviewed(desk.till.ledger) == []


def test_a_sale_that_is_still_in_the_future_cannot_be_accepted(desk: Desk) -> None:
    member = desk.till.a_member()
    desk.till.sell(a_sale(10_000, occurred_at=desk.till.clock() + timedelta(days=1)), member)

    accepted = desk.run("accept", desk.only_id())

    assert accepted.exit_code == 1
    assert "dated-in-the-future" in accepted.stderr
    assert len(list_reviewed(desk.till.ledger)) == 1


def test_i13_a_receipt_known_with_other_content_is_kept_for_review_and_never_counted(desk: Desk) -> None:
    till = desk.till
    member = till.a_member()
    till.sell(a_sale(10_000, occurred_at=till.clock()), member)
    for _ in range(2):
        with pytest.raises(SaleConflictError):
            till.sell(a_sale(11_000, occurred_at=till.clock()), member)

    (kept,) = list_reviewed(till.ledger)
    accepted = desk.run("accept", kept.id)

    assert (kept.reason, kept.sale.total_minor, kept.member_id) == ("sale-conflict", 11_000, member)
    assert accepted.exit_code == 1
    assert till.points(member) == [10]
    assert desk.run("dismiss", kept.id).exit_code == 0


def test_two_contents_of_a_receipt_outside_the_window_wait_side_by_side(desk: Desk) -> None:
    till = desk.till
    member = till.a_member()
    sold = till.clock() - timedelta(days=40)
    for net in (10_000, 11_000):
        till.sell(a_sale(net, occurred_at=sold), member)

    assert sorted(one.sale.total_minor for one in list_reviewed(till.ledger)) == [10_000, 11_000]


@pytest.mark.parametrize("verb", ["accept", "dismiss"])
def test_an_unknown_id_is_refused(desk: Desk, verb: str) -> None:
    answer = desk.run(verb, "0000")
    assert answer.exit_code == 1
    assert "none waits" in answer.stderr
