"""Reading a request's body without ever holding more of it than allowed."""

from starlette.requests import Request


class BodyTooLargeError(Exception):
    """The body is longer than this endpoint reads."""


async def read_body(request: Request, most: int) -> bytes:
    """The body; BodyTooLargeError as soon as it is longer than `most` bytes, whatever its header said."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise BodyTooLargeError
        parts.append(part)
    return b"".join(parts)
