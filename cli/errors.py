"""What a command tells in one line before it ends with 1; everything else is a fault, with its traceback."""


class CommandError(Exception):
    """A command cannot do what it was asked for; the message says why and, where it helps, what to do."""
