"""What can be wrong with a token or a sealed value.

TokenInvalid  a bearer token that proves nothing; the reason is for our log, the client hears no more
TokenExpired  a bearer token that proved something, until its time passed
SealBroken    not ours, changed on the way, or sealed with a key we no longer have
SealExpired   ours and unchanged, but past its time
SealForeign   ours and unchanged, but sealed for another partner, region or viewer
KeyTrouble    a key of our own cannot be read: a fault of the settings, never of a client
"""

from app.domain.errors import Access, AccessCode


class TokenError(Access):
    """A bearer token that does not authenticate anybody; `reason` is for our log alone."""

    sentence = "The token is not valid."

    def __init__(self, reason: str) -> None:
        super().__init__(AccessCode.UNAUTHENTICATED, self.sentence)
        self.reason = reason


class TokenInvalid(TokenError):  # noqa: N818 - a fact about the token, as TokenExpired
    """Malformed, forged, of another type, issuer or audience: the client is told no more than that."""


class TokenExpired(TokenError):  # noqa: N818
    """Authentic, but past its time."""

    sentence = "The token has expired."


class SealError(Exception):
    """A sealed value that must not be believed."""


class SealBroken(SealError):  # noqa: N818 - a fact about the seal, as SealExpired and SealForeign
    """Tampered with, cut short, or sealed with an unknown key."""


class SealExpired(SealError):  # noqa: N818
    """Authentic, but its time has passed."""


class SealForeign(SealError):  # noqa: N818
    """Authentic, but sealed for another context."""


class KeyTrouble(Exception):  # noqa: N818 - the setting is in trouble, not the program
    """A private key in the settings cannot be used; the text says which and why, never its content."""
