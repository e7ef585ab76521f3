"""The parameters of a page, and where its answer says that the next one begins."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field

from shared.http.cursors import LONGEST_CURSOR
from shared.http.fields import PageLimit

# Powertools takes one `Field` beside `Query`, and `PageLimit` brings it.
Limit = Annotated[PageLimit, Query(description="How many items the page holds.")]
Cursor = Annotated[str | None, Query(max_length=LONGEST_CURSOR, description="`next_cursor` of the page before.")]
NextCursor = Annotated[str | None, Field(description="Where the next page begins; null on the last one.")]
