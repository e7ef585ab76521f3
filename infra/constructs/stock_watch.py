"""What the function that watches stock run low reads of the ledger's stream."""

from typing import Final

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.constructs.ledger_stream import LedgerStream, keys_begin_with
from shared import names

# Notices that a reward runs low (`shared.keys.STOCKLOW_PREFIX`; a test holds them together).
STOCKLOW_PREFIX: Final = "STOCKLOW#"
WATCHED_PREFIXES: Final = (names.STOCK_PREFIX, STOCKLOW_PREFIX)


class StockStream(LedgerStream):
    """Feed the function with the ledger's changes of stock."""

    def __init__(
        self, scope: Construct, construct_id: str, *, ledger: dynamodb.ITable, function: lambda_.Function
    ) -> None:
        filters = [keys_begin_with(prefix) for prefix in WATCHED_PREFIXES]
        super().__init__(scope, construct_id, ledger=ledger, function=function, filters=filters)
