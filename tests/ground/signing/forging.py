"""Tokens as somebody makes them who does not use our code, and how ours is heard to refuse them."""

import base64
import json
from contextlib import contextmanager

import pytest
from jwt.api_jws import PyJWS

from app.domain.errors import AccessCode
from app.signing.errors import TokenInvalid


@contextmanager
def refused(reason):
    """Refused for this reason, which whoever brings the token is not told."""
    with pytest.raises(TokenInvalid) as caught:
        yield
    assert reason in caught.value.reason
    assert str(caught.value) == "The token is not valid." and caught.value.code == AccessCode.UNAUTHENTICATED


def encoded(value):
    """Bytes, or JSON, in base64url."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed_by(key, claims, **header):
    """A token with a right signature by the key, over whatever header and claims."""
    payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    return PyJWS().encode(payload, key.private, "ES256", headers={"kid": key.kid, **header})
