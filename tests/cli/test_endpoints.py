"""Endpoints on the command line: secrets are shown once, addresses are checked, partners are kept apart."""

import base64
import re

import pytest

HOOK = "https://shop.example/hooks?from=faregate"


@pytest.fixture
def endpoint(faregate):
    """Run an action of `faregate partner endpoint` for Acme Travel."""
    for name in ("Acme Travel", "Other Travel"):
        faregate("partner", "set", name)
    return lambda action, *rest, partner="Acme Travel": faregate("partner", "endpoint", action, partner, *rest)


def add(endpoint, url=HOOK, form="standard-webhooks", *more):
    return endpoint("add", "--url", url, "--format", form, *more)


def test_the_secret_is_printed_once(endpoint):
    status, printed, complaint = add(endpoint)
    shown, secret = printed.splitlines()
    assert (status, complaint) == (0, "")
    assert re.fullmatch(rf"we_\w+  STANDARD_WEBHOOKS  {re.escape(HOOK)}  all events", shown)
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32 and secret.startswith("whsec_")
    assert endpoint("list") == (0, f"{shown}\n", "")
    assert endpoint("list", partner="Other Travel") == (0, "", "")


def test_events_are_named_as_kinds_or_as_webhooks_call_them(endpoint):
    _, printed, _ = add(endpoint, HOOK, "payment-callback", "--events", "payment.captured, PAYMENT_FAILED")
    assert printed.endswith(f"PAYMENT_CALLBACK  {HOOK}  payment.captured, payment.failed\n")
    status, _, complaint = add(endpoint, HOOK, "standard-webhooks", "--events", "payment.captured,lunch.served")
    assert status == 2 and "unknown lunch.served" in complaint


def test_the_same_endpoint_is_not_added_twice_but_comes_back_when_it_was_removed(endpoint):
    _, first, _ = add(endpoint)
    status, printed, complaint = add(endpoint)
    assert (status, printed) == (2, "") and "rotate" in complaint
    name = first.split()[0]
    assert endpoint("remove", HOOK) == (0, f"{name} is told nothing more.\n", "")
    assert endpoint("list") == (0, "", "")
    _, again, _ = add(endpoint)
    assert again.split()[0] == name and again.splitlines()[1] != first.splitlines()[1]


def test_a_secret_is_rotated_by_id_or_url(endpoint):
    _, printed, _ = add(endpoint)
    name, secret = printed.split()[0], printed.splitlines()[1]
    secrets = {secret, *(endpoint("rotate", called)[1].strip() for called in (name, HOOK))}
    assert len(secrets) == 3 and all(secret.startswith("whsec_") for secret in secrets)


def test_what_is_not_there_or_has_no_secret_is_told(endpoint):
    assert "has no such endpoint" in endpoint("remove", "we_1")[2]
    _, printed, _ = add(endpoint)
    assert "has no such endpoint" in endpoint("rotate", printed.split()[0], partner="Other Travel")[2]
    add(endpoint, HOOK, "payment-callback")
    assert "name one by its id" in endpoint("remove", HOOK)[2]
    add(endpoint, "https://pay.example/", "payment-callback")
    assert "no secret" in endpoint("rotate", "https://pay.example/")[2]
    assert "There is no partner" in endpoint("list", partner="Nobody")[2]


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://shop.example/hooks", "Only https"),
        ("ftp://shop.example/hooks", "Only https"),
        ("https://user:secret@shop.example/hooks", "no user"),
        ("https://shop.example/hooks#part", "no fragment"),
        ("/hooks", "whole address"),
        ("https://shop.example:port/", "no address"),
        ("https://[::1/", "no address"),
        ("https://münchen.example/", "punycode"),
    ],
)
def test_an_address_that_cannot_be_is_refused_with_a_sentence(endpoint, url, sentence):
    status, printed, complaint = add(endpoint, url)
    assert (status, printed) == (2, "") and sentence in complaint and "secret" not in complaint


@pytest.mark.parametrize("url", ["http://127.0.0.1:9000/hooks", "http://localhost:9000/", "http://[::1]:9000/"])
def test_in_development_this_machine_needs_no_https(endpoint, url):
    status, printed, _ = add(endpoint, url)
    assert status == 0 and url in printed
