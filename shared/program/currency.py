"""Money: how many minor units a currency has, and how an amount is written."""

from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Final

# ISO 4217 exponents that differ from two, for the currencies that stores meet.
_EXPONENTS: Final = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "BHD": 3, "KWD": 3, "OMR": 3, "TND": 3, "JOD": 3}
_SYMBOLS: Final = {"CNY": "¥", "JPY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "HKD": "HK$", "TWD": "NT$", "KRW": "₩"}


def minor_digits(currency: str) -> int:
    """Say how many decimal places the currency has: 2 for CNY, 0 for JPY."""
    return _EXPONENTS.get(currency, 2)


def to_minor(amount: Decimal, currency: str) -> int:
    """Turn 12.5 yuan into 1250 fen, exactly. Raises ValueError when the amount has parts of a minor unit."""
    with localcontext() as context:
        context.prec = 40
        minor = amount.scaleb(minor_digits(currency))
    if minor != minor.to_integral_value():
        raise ValueError(f"{amount} is no whole number of minor units of {currency}")
    return int(minor)


def from_minor(amount_minor: int, currency: str) -> Decimal:
    """Turn 1250 fen into 12.5 yuan, exactly and without trailing zeros."""
    return plain(Decimal(amount_minor).scaleb(-minor_digits(currency)))


def plain(value: Decimal) -> Decimal:
    """Drop trailing zeros without falling into exponents: 10.00 → 10, 1.50 → 1.5."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def format_minor(amount_minor: int | Fraction, currency: str, *, grouped: bool = False) -> str:
    """Write an amount with its symbol, `¥120.00`; parts of a minor unit are cut off. `grouped`: `¥12,000.00`."""
    digits = minor_digits(currency)
    text = format_fixed(Fraction(amount_minor) / 10**digits, digits, grouped=grouped)
    symbol = _SYMBOLS.get(currency)
    if symbol is None:
        return f"{currency} {text}"
    return f"-{symbol}{text[1:]}" if text.startswith("-") else symbol + text


def format_fixed(value: Fraction, digits: int, *, grouped: bool = False) -> str:
    """Write an exact value with a fixed number of decimals, cut and not rounded, so that 60.996 never reads 61.00."""
    scaled = int(abs(value) * 10**digits)
    sign = "-" if value < 0 and scaled else ""
    whole, part = divmod(scaled, 10**digits)
    written = f"{whole:,}" if grouped else f"{whole}"
    return f"{sign}{written}.{part:0{digits}d}" if digits else f"{sign}{written}"
