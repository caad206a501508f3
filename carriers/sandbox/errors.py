"""What a world's own errors have in common."""


class WorldError(Exception):
    """A no, as HTTP tells it; the text is for people. Each world's errors have a shape of their own."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.headers: dict[str, str] = {}
