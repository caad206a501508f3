"""Payers in front of real forms, with every test card whose money can be taken; nobody's browser is needed for that."""

import random
from collections import Counter

from carriers.sandbox.payments.cards import BY_TOKEN
from tests.proof.kills.stage import Stage

# How a payment stands that is not decided yet.
WAITING = {"PaymentActionRequired", "PaymentProcessing"}
_CARDS = ("approved",) * 6 + (
    "approved_amex",
    "declined",
    "insufficient_funds",
    "challenge",
    "challenge_then_declined",
    "slow",
    "lost_reply",
    "callback_late",
    "callback_twice",
    "callback_early",
    "callback_lost",
)
_TRIES = 4
_PASSED = 0.7


async def fill_in(stage: Stage, chance: random.Random, form: str, told: Counter[str]) -> None:
    """Try cards until one is accepted, the form is over or the payer has had enough; `told` counts the cards."""
    for _ in range(_TRIES):
        name = chance.choice(_CARDS)
        told[name] += 1
        await _try(stage, chance, form, name)
        if (await stage.in_form(f"{form}/state")).get("state") != "open":
            return


async def _try(stage: Stage, chance: random.Random, form: str, name: str) -> None:
    number = BY_TOKEN[f"tok_{name}"].number
    cvc = "1234" if name == "approved_amex" else "123"
    typed = {"number": number, "expiry": "12/40", "cvc": cvc, "name": "A Payer", "country": "GB"}
    answer = await stage.in_form(f"{form}/cards", typed)
    if "challenge_url" in answer:
        await stage.in_form(answer["challenge_url"], {"passed": chance.random() < _PASSED})
