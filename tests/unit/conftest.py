"""Unit tests reach nothing: a socket that is opened in one fails it."""

import pytest


@pytest.fixture(autouse=True)
def _no_sockets(socket_disabled: None) -> None:
    """Switch sockets off (pytest-socket)."""
