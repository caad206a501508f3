"""The door: a bearer token becomes a viewer, or the request goes no further."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.clock import Clock
from app.domain.errors import Access, AccessCode
from app.domain.partner import Scope, Viewer
from app.settings import IdentitySettings
from app.signing.errors import TokenInvalid
from app.signing.jwks import IdentityProvider
from app.signing.tokens import ACCESS_TOKEN, Tokens
from app.store.engine import Store
from app.store.partners import find_partner

AUDIENCE = "faregate"
_SCHEME = "bearer"


@dataclass(frozen=True, kw_only=True)
class Door:
    """Verifies our own tokens, and an identity provider's where one is set."""

    tokens: Tokens
    store: Store
    clock: Clock
    provider: IdentityProvider | None = None
    identity: IdentitySettings | None = None

    async def viewer(self, headers: Mapping[str, str]) -> Viewer:
        """Who asks; Access when the token is missing, unfit, or names no partner."""
        token = _bearer(headers)
        claims = await self._claims(token)
        partner_id, scopes = self._meant(claims)
        partner = await self.store.read(lambda session: find_partner(session, partner_id))
        if partner is None:
            raise Access(AccessCode.UNAUTHENTICATED, "The token is not valid.")
        return Viewer(partner=partner, scopes=scopes, actor=str(claims.get("client_id") or partner.name))

    async def _claims(self, token: str) -> dict[str, Any]:
        now = self.clock.now()
        try:
            return self.tokens.verify(token, typ=ACCESS_TOKEN, audience=AUDIENCE, now=now)
        except TokenInvalid:
            if self.provider is None:
                raise
            return await self.provider.verify(token, now)

    def _meant(self, claims: Mapping[str, Any]) -> tuple[str, frozenset[Scope]]:
        """The partner and the scopes; a scope we do not know is somebody else's and means nothing here."""
        ours = self.identity is None or claims.get("iss") != self.identity.issuer
        partner_claim = "sub" if ours or self.identity is None else self.identity.partner_claim
        scope_claim = "scope" if ours or self.identity is None else self.identity.scope_claim
        given = claims.get(scope_claim, "")
        names = given.split() if isinstance(given, str) else [str(name) for name in given]
        known = {scope.value for scope in Scope}
        return str(claims.get(partner_claim, "")), frozenset(Scope(name) for name in names if name in known)


def _bearer(headers: Mapping[str, str]) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != _SCHEME or not token.strip():
        raise Access(AccessCode.UNAUTHENTICATED, "Send a token: `Authorization: Bearer <token>`.")
    return token.strip()
