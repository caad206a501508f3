"""A payer at the card form: in a real Chromium where one is installed, typing; else posting what would be typed."""

import json
from contextlib import AsyncExitStack
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final

from app.cli.demo.browser import BrowserError, Page, browser, installed_browser
from app.cli.demo.shop import PAGE
from app.cli.demo.stage import Stage, sure
from app.cli.demo.telling import Json, money, say

# Test cards of the sandbox provider.
APPROVED: Final = "4242424242424242"
DECLINED: Final = "4000000000000002"
CALLBACK_LOST: Final = "4000000000010068"
_ADDRESS: Final = {"line1": "12 St James's Square", "post_code": "SW1Y 4JH", "city": "London"}
# What every window of the tab hears, and from whom.
_RECORD: Final = "window.heard = []; addEventListener('message', (event) => heard.push([event.origin, event.data]))"
_FOCUS: Final = "(name => { const field = document.getElementById(name); field.focus(); return field; })"
_FORM: Final = "/pay/"
_SHOWN: Final = "document.querySelector('#message h2')?.textContent"
_REASON: Final = "document.getElementById('reason')?.textContent.trim()"


@dataclass(frozen=True)
class AtTheBrowser:
    """Somebody at the shop's page, whose tab has the form in its frame."""

    page: Page
    stage: Stage
    pictures: Path

    async def open(self) -> None:
        """Open the shop's page, and wait for the form."""
        await self.page.open(f"{self.stage.shop.origin}/index.html", width=640, height=440, first=_RECORD)
        await self.page.until("document.readyState === 'complete' && document.getElementById('card-form')", _FORM)
        say(f"Chromium opens the shop at {self.stage.shop.origin}, the form in its frame, and types the card.")

    async def decline(self) -> None:
        """Type a card that is declined."""
        (told,) = await self._pay(DECLINED)
        sure(told["paymentSuccessful"] == "false", "the window hears of the decline")
        reason = await self.page.until(_REASON, _FORM)
        say(f'{_grouped(DECLINED)}: "{reason}"')
        say('The shop\'s window hears paymentSuccessful "false"; the form stays, for another card.')

    async def approve(self, total: Json) -> None:
        """Type one that is accepted, and keep a picture of the page when it is paid."""
        *_, told = await self._pay(APPROVED)
        expected = {"paymentSuccessful": "true", "paymentStatus": "SUCCESS", "amountPaid": total["amount"]}
        sure({**told, **expected} == told, f"the window hears of the success, not {told}")
        shown = await self.page.until(_SHOWN, _FORM)
        thanks = f"You paid {money(total)}. Your booking is complete."
        sure(await self.page.value("document.getElementById('result').textContent") == thanks, "the shop says thanks")
        say(f'{_grouped(APPROVED)}: "{shown}". The window hears paymentSuccessful "true", paymentStatus SUCCESS.')
        await self.page.value("scrollTo(0, 0)")
        path = self.pictures / "card-form-paid.png"
        path.write_bytes(await self.page.picture())
        say(f"The shop's page then: {path}.")

    async def _pay(self, number: str) -> list[Json]:
        """Fill in what is empty, press the button, and answer all that the shop's window has heard by then."""
        before = await self.page.value("heard.length")
        for name, text in _card(number).items():
            if await self.page.value(f"{_FOCUS}('{name}').value === ''", _FORM):
                await self.page.type(text)
        await self.page.value("document.querySelector('#card-form button').focus()", _FORM)
        await self.page.press("Enter")
        await self.page.until(f"heard.length > {before}")
        heard = await self.page.value("heard")
        sure({origin for origin, _ in heard} == {self.stage.payments}, "only the provider's form speaks to the window")
        return [json.loads(told) for _, told in heard]


@dataclass(frozen=True)
class Posting:
    """A payer without a browser."""

    stage: Stage
    form_url: str

    async def decline(self) -> None:
        """Post a card that is declined."""
        told = await post_card(self.stage, self.form_url, DECLINED)
        sure(told["state"] == "declined", f"the card is declined, not {told}")
        say(f"{_grouped(DECLINED)}: declined.")

    async def approve(self, _total: Json) -> None:
        """Post one that is accepted."""
        told = await post_card(self.stage, self.form_url, APPROVED)
        sure(told["state"] == "authorised", f"the card is accepted, not {told}")
        say(f"{_grouped(APPROVED)}: accepted.")


async def payer(stack: AsyncExitStack, stage: Stage, form_url: str, pictures: Path) -> AtTheBrowser | Posting:
    """Somebody at this form, for as long as the stack stands."""
    stage.shop.form_url = form_url
    page = await _chromium(stack, stage.folder / "browser")
    if page is None:
        say("No Chromium can show the form here, so the cards are posted to it.")
        return Posting(stage, form_url)
    found = AtTheBrowser(page, stage, pictures)
    await found.open()
    return found


async def post_card(stage: Stage, form_url: str, number: str) -> Json:
    """Send the form as its script does; the provider's answer: its `state`, and what goes with it."""
    card = _card(number) | {"country": "GB"}
    async with stage.http.post(f"{form_url}/cards", json=card) as answer:
        sure(answer.status == HTTPStatus.OK, "the form takes a card")
        told: Json = await answer.json()
    return told


async def _chromium(stack: AsyncExitStack, folder: Path) -> Page | None:
    """A browser; None where none is installed, or it does not start, or there is no page to open in it."""
    path = installed_browser()
    if path is None or not PAGE.is_dir():
        return None
    try:
        return await stack.enter_async_context(browser(path, folder))
    except (BrowserError, OSError, TimeoutError):
        return None


def _card(number: str) -> Json:
    return {"number": number, "expiry": "12 / 30", "cvc": "123", "name": "Ada Lovelace", **_ADDRESS}


def _grouped(number: str) -> str:
    return " ".join(number[place : place + 4] for place in range(0, len(number), 4))
