"""What parts of the file are made of: numbers in bounds, and models that take no unknown field."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.program.notation import NUMBER

# Far beyond what anybody means, and so far below 2^53 that what is computed from it stays below, too.
MOST = 1_000_000_000
AtLeastZero = Annotated[int, Field(ge=0, le=MOST), NUMBER]
AtLeastOne = Annotated[int, Field(ge=1, le=MOST), NUMBER]
Days = Annotated[int, Field(ge=0, le=3_660), NUMBER]
Months = Annotated[int, Field(ge=0, le=1_200), NUMBER]
Percent = Annotated[Decimal, Field(gt=0, le=10_000, decimal_places=4), NUMBER]
CampaignFactor = Annotated[Decimal, Field(ge=1, le=100, decimal_places=4), NUMBER]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True, hide_input_in_errors=True)
