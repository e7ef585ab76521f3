"""A till that asks first, a till that goes wrong, and an operator who puts it right. W13, W14."""

import json
from pathlib import Path

from typer.testing import CliRunner, Result

from cli.laptop.tokens import mint_staff_token
from cli.ops import app
from tests.e2e.shop import CHAIN, Shop, an_ordinary_day


def quarantine(shop: Shop, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["quarantine", *arguments], obj=shop.connection, env={"COLUMNS": "160"})


def test_w14_a_broken_sale_is_acknowledged_kept_corrected_and_earns_what_was_quoted(shop: Shop, tmp_path: Path) -> None:
    wang = shop.enrolled()
    sale = shop.sale(wang, paid=10_000, at=an_ordinary_day())
    till = mint_staff_token(shop.connection.local, "till-1", ["pos:write"], ["SH001"])
    quote = shop.api.call("POST", "/v1/sales/quote", sale["data"], token=till)
    assert (quote.status, quote.body["points"], quote.body["balance"]["available"]) == (200, 20, 0)
    assert shop.available(wang) == 0

    broken = shop.post({**sale, "data": {**sale["data"], "currency": "XAU"}})
    assert (broken.status, broken.body["result"]) == (202, "quarantined")
    assert [one["pointer"] for one in broken.body["errors"]] == ["/data/currency"]
    (line,) = [line for line in quarantine(shop, "list").output.splitlines() if "/data/currency" in line]
    kept = next(word for word in line.split() if len(word) == 12)
    assert '"currency": "XAU"' in quarantine(shop, "show", kept).output

    right = tmp_path / "right.json"
    right.write_text(json.dumps(sale, ensure_ascii=False), "utf-8")
    assert quarantine(shop, "replay", kept).exit_code == 1
    replayed = quarantine(shop, "replay", kept, "--file", str(right))
    assert (replayed.exit_code, '"result": "applied"' in replayed.output) == (0, True), replayed.output
    assert shop.available(wang) == quote.body["points"]
    assert kept not in quarantine(shop, "list").output


def test_w13_w14_what_is_no_event_is_kept_and_what_is_too_large_is_refused(shop: Shop) -> None:
    secret = shop.connection.signing_secret(CHAIN)
    answer = shop.api.post_signed(CHAIN, secret, b'{"type": NaN')
    assert (answer.status, answer.body["reason"]) == (202, "malformed-json")
    large = shop.api.post_signed(CHAIN, secret, b" " * (1024 * 1024 + 1))
    assert (large.status, large.body["code"]) == (413, "body-too-large")
