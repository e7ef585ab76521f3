"""What may stand in a record of the trail."""

import pytest

from shared.trail.deeds import Deed, What
from tests.builders import NOW


@pytest.mark.parametrize("why", ["", "goodwill", "missing-points"])
def test_a_reason_is_a_code(why: str) -> None:
    assert Deed(what=What.TIER_SET, at=NOW, who="zhou", about="tsr_1", why=why).why == why


@pytest.mark.parametrize("why", ["王女士投诉", "a customer complained", "138****5678", "Goodwill", "-x"])
def test_t25_free_text_which_may_be_personal_is_no_reason(why: str) -> None:
    with pytest.raises(ValueError, match="by its code"):
        Deed(what=What.TIER_SET, at=NOW, who="zhou", about="tsr_1", why=why)
