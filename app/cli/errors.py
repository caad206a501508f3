"""What a command says when it cannot be done."""


class CommandError(Exception):
    """The text says what to do instead."""
