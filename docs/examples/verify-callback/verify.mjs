/* Verify a payment callback of Faregate's. Needs Node 20 or newer, and no packages.

       node verify.mjs JWKS_URL ISSUER AUDIENCE < body.json

   JWKS_URL is the gateway's address with /.well-known/jwks.json, ISSUER the gateway's address, and AUDIENCE the origin
   of your own endpoint. Prints the event's id and exits 0 when the callback is genuine; otherwise says why not and
   exits 1. */

import { createHash, createPublicKey, verify as verifySignature } from "node:crypto";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const MINUTE = 60, HOUR = 3600;
const LEEWAY = 30; // seconds between your clock and ours

/** The callback proves nothing: answer 400, and believe none of it. */
export class NotGenuine extends Error {}

/** The gateway's public keys by `kid`. Keep one of these: it remembers them, and asks again hourly.
    For a key it does not know it asks sooner, but no more than once a minute, whatever tokens may claim. */
export class Keys {
  #url;
  #known = new Map();
  #asked = -Infinity;

  constructor(url) {
    this.#url = url;
  }

  /** The key of this name; another Error when the key set cannot be had: answer 503, and we come again. */
  async find(kid) {
    const now = performance.now() / 1000;
    if (now - this.#asked >= (this.#known.has(kid) ? HOUR : MINUTE)) {
      this.#asked = now;
      const answer = await fetch(this.#url, { redirect: "error", signal: AbortSignal.timeout(10_000) });
      if (!answer.ok) throw new Error(`the key set cannot be had: HTTP ${answer.status}`);
      this.#known = new Map((await answer.json()).keys.map((key) => [key.kid, key]));
    }
    return this.#known.get(kid);
  }
}

/** The callback with its `event`, once everything about it was checked. */
export async function verify(body, keys, issuer, audience) {
  const { authToken, ...callback } = read(body);
  const claims = await verifyToken(String(authToken), keys);
  const now = Date.now() / 1000;
  need(claims.iss === issuer, "another issuer");
  need([claims.aud].flat().includes(audience), "another audience");
  need(Number.isFinite(claims.exp) && now < claims.exp + LEEWAY, "expired");
  need(Number.isFinite(claims.iat) && claims.iat <= now + LEEWAY, "from the future");
  need([claims.jti, claims.event].every((name) => typeof name === "string" && name), "nameless");
  need(claims.sha256 === contentHash(callback), "the body is not the one that was signed");
  return { ...callback, event: claims.event };
}

async function verifyToken(token, keys) {
  const [header, payload, signature, more] = token.split(".");
  need(signature && more === undefined, "there is no token");
  const { alg, typ, kid, crit } = read(decoded(header));
  need(alg === "ES256", "another algorithm"); // ours, never what the token itself says
  need(typ === "payment-callback+jwt", "the token is not about a payment callback");
  need(crit === undefined, "the token has rules we do not know");
  const jwk = await keys.find(kid); // from our key set alone, whatever else the token brings
  need(jwk?.kty === "EC" && jwk.crv === "P-256", "unknown key");
  const key = { key: createPublicKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" };
  need(verifySignature("sha256", Buffer.from(`${header}.${payload}`), key, decoded(signature)), "wrong signature");
  return read(decoded(payload));
}

/** SHA-256 of the body without its token in canonical JSON (RFC 8785), in base64url without padding. */
export function contentHash(callback) {
  return createHash("sha256").update(canonical(callback)).digest("base64url");
}

/** Names sorted, no blanks: `JSON.stringify` writes text as RFC 8785 does, and all values here are text. */
function canonical(value) {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`);
  return `{${members.join(",")}}`;
}

function decoded(part) {
  return Buffer.from(part, "base64url");
}

/** The object this JSON says. */
function read(json) {
  let value;
  try {
    value = JSON.parse(json);
  } catch {
    value = undefined;
  }
  need(typeof value === "object" && value !== null, "not a JSON object");
  return value;
}

function need(truth, why) {
  if (!truth) throw new NotGenuine(why);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [jwksUrl, issuer, audience] = process.argv.slice(2);
  try {
    const callback = await verify(readFileSync(0, "utf8"), new Keys(jwksUrl), issuer, audience);
    // The same event may come again, with another token. Insert its id into a table where it is unique, in the
    // transaction that acts on the callback; when it is there already, answer 200 and do nothing.
    console.log(callback.event, callback.status, callback.amount, callback.currency);
  } catch (error) {
    if (!(error instanceof NotGenuine)) throw error;
    console.error(`not genuine: ${error.message}`);
    process.exitCode = 1;
  }
}
