"""Whether one condition lets through all that another does. Pure."""

from shared.program.rules import When

_SETS = ("days", "days_of_month", "stores", "tiers", "categories", "item_tags", "skus")
_HISTORY = ("birthday", "order_number", "order_number_in_month", "totals")


def asks_no_more(wide: When, narrow: When) -> bool:
    """Say whether all that the narrow condition lets through, the wide one does too."""
    return (
        all(
            not getattr(wide, name) or (getattr(narrow, name) and getattr(narrow, name) <= getattr(wide, name))
            for name in _SETS
        )
        and all(getattr(wide, name) in (None, getattr(narrow, name)) for name in _HISTORY)
        and (wide.hours is None or wide.hours == narrow.hours)
        and (not wide.dates or wide.dates == narrow.dates)
        and (wide.min_amount_minor is None or _same_items_from_less(wide, narrow))
    )


def _same_items_from_less(wide: When, narrow: When) -> bool:
    """Amounts are those of the lines a rule speaks of, so they compare only where it speaks of the same."""
    if (wide.categories, wide.item_tags, wide.skus) != (narrow.categories, narrow.item_tags, narrow.skus):
        return False
    return narrow.min_amount_minor is not None and (wide.min_amount_minor or 0) <= narrow.min_amount_minor
