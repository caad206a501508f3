"""The form for everybody: keyboard, screen reader, small screens, no script, four languages, dark and light."""

import re

import pytest

from tests.payments.form.scene import APPROVED, CHALLENGED, DONE, PAYER, SHORT

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.proof]
HEADING = "document.querySelector('#message h2')?.textContent"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
MESSAGES = (
    "Object.fromEntries([...document.querySelectorAll('.error:not([hidden])')].map((e) => [e.id, e.textContent]))"
)
SEND = "document.getElementById('card-form').requestSubmit()"


async def test_a_payer_with_a_keyboard_only(payer, scene):
    charge = scene.charge()
    scene.outcomes = [DONE]
    await payer.visit()
    typed = [APPROVED, "1230", "123", "Ada Lovelace", "u", "12 St James's Square", "", "", "London", ""]
    for text in typed:
        await payer.page.press("Tab")
        await payer.page.type(text)
    assert await payer.page.value("['number', 'expiry'].map((id) => document.getElementById(id).value)", "/pay/") == [
        "4242 4242 4242 4242",
        "12 / 30",
    ]
    await payer.page.press("Tab")
    assert await payer.page.value("getComputedStyle(document.activeElement).outlineStyle", "/pay/") == "solid"
    await payer.page.press("Enter")
    await payer.heard()
    assert scene.now(charge)["state"] == "authorised"
    assert await payer.page.value("document.activeElement.textContent", "/pay/") == "Paid"


async def test_what_is_missing_is_listed_told_and_focused(payer, scene):
    charge = scene.charge(locale="en")
    await payer.open()
    await payer.page.value(SEND)
    said = await payer.page.value(MESSAGES)
    wrong = ["number", "expiry", "cvc", "name", "country", "line1", "city"]
    assert list(said) == [f"{name}-error" for name in wrong]
    listed = "[...document.querySelectorAll('#summary a')].map((link) => [link.hash.slice(1), link.textContent])"
    assert await payer.page.value(listed) == [[name, said[f"{name}-error"]] for name in wrong]
    marked = "[...document.querySelectorAll('[aria-invalid=true]')].map(({id}) => id)"
    assert await payer.page.value(marked) == wrong
    assert await payer.page.value("document.activeElement.id") == "number"
    assert await payer.page.value("document.getElementById('status').textContent") == (
        "Some fields need your attention."
    )
    assert scene.now(charge)["attempts"] == 0


async def test_a_field_is_checked_when_it_is_left(payer, scene):
    scene.charge()
    await payer.open()
    for field, written, said in (
        ("number", "4242 4242 4242 4241", "not a card number"),
        ("number", "4242 4242 4242", "not a card number"),
        ("number", APPROVED, None),
        ("expiry", "13 / 30", "month and year"),
        ("expiry", "02 / 26", "has expired"),
        ("expiry", "03 / 26", None),
        ("expiry", "03 / 2026", None),
        ("cvc", "1234", "number of digits"),
        ("cvc", "123", None),
    ):
        await payer.fill(**{field: written})
        await payer.page.value(f"document.getElementById('{field}').dispatchEvent(new Event('blur'))")
        messages = await payer.page.value(MESSAGES)
        assert list(messages) == ([f"{field}-error"] if said else []), written
        assert said is None or said in messages[f"{field}-error"]


async def test_an_american_express_card_has_groups_and_a_code_of_its_own(payer, scene):
    charge = scene.charge()
    await payer.open()
    await payer.fill(number="378282246310005", cvc="1234")
    shown = "['number', 'cvc'].map((id) => document.getElementById(id).value)"
    assert await payer.page.value(shown) == ["3782 822463 10005", "1234"]
    assert await payer.page.value("document.getElementById('brand').textContent") == "American Express"
    assert await payer.page.value("document.getElementById('cvc-hint').textContent") == "4 digits on the front"
    await payer.page.value(SEND)
    await payer.form(HEADING)
    assert scene.now(charge)["card"] == "American Express 0005"


async def test_the_cursor_stays_where_a_digit_is_corrected(payer, scene):
    scene.charge()
    await payer.open()
    await payer.fill(number="4242 5242 4242 4242")
    await payer.page.value("const it = document.getElementById('number'); it.focus(); it.setSelectionRange(5, 6)")
    await payer.page.type("42")
    assert await payer.page.value("[it.value, it.selectionStart]") == ["4242 4224 2424 2424 2", 7]


async def test_a_card_unknown_to_the_sandbox_is_told_so(payer, scene):
    scene.charge()
    await payer.open()
    await payer.pay(number="4000056655665556")
    assert "Only test cards" in (await payer.form(f"Object.keys({MESSAGES}).length && {MESSAGES}"))["number-error"]
    assert await payer.page.value("document.activeElement.id") == "number"


async def test_everything_has_a_name_for_a_screen_reader(payer, scene):
    scene.charge()
    await payer.open()
    await payer.page.value(SEND)
    nodes = (await payer.page.call("Accessibility.getFullAXTree"))["nodes"]
    roles = ("textbox", "combobox", "button", "group", "heading", "link", "main", "status", "alert")
    found = [(_value(node, "role"), _value(node, "name"), node) for node in nodes if not node["ignored"]]
    used = [(role, name, node) for role, name, node in found if role in roles]
    named = {role: [name for each, name, _ in used if each == role] for role in roles}
    assert named["textbox"] == [
        *("Card number", "Expiry date", "Security code", "Name on card", "Address", "Flat, building (optional)"),
        *("Postcode (optional)", "Town or city", "State or county (optional)"),
    ]
    assert (named["combobox"], named["button"]) == (["Country or region"], ["Pay €123.45"])
    assert {"Card", "Billing address"} <= set(named["group"])
    assert named["heading"] == ["Booking KWDT9F"]
    told = {name: _value(node, "description") for role, name, node in used if role == "textbox"}
    assert told["Expiry date"] == "Enter the expiry date. MM / YY"
    wished = "[...document.querySelectorAll('input, select')].map((field) => field.autocomplete)"
    assert await payer.page.value(wished) == [
        *("cc-number", "cc-exp", "cc-csc", "cc-name", "billing country", "billing address-line1"),
        *("billing address-line2", "billing postal-code", "billing address-level2", "billing address-level1"),
    ]


@pytest.mark.parametrize("locale", ["en-GB", "de-DE", "fr-FR", "es-ES"])
async def test_nothing_scrolls_sideways_on_the_smallest_screen(payer, scene, locale):
    scene.charge(locale=locale, amount_minor=123456789)
    await payer.open(width=320, height=640)
    assert await payer.page.value(OVERFLOW) == 0
    await payer.page.value(SEND)
    assert await payer.page.value(OVERFLOW) == 0
    await payer.pay(number=CHALLENGED)
    await payer.page.until("document.readyState === 'complete' && innerHeight > 0", "/challenge/")
    assert await payer.page.value(f"[{OVERFLOW}, innerWidth]", "/challenge/") in ([0, 320], [0, 305])
    assert await payer.page.value(OVERFLOW) == 0
    assert await payer.page.value("document.documentElement.lang") == locale


async def test_without_script_the_form_is_posted_and_its_page_says_how_it_went(payer, scene):
    charge = scene.charge()
    await payer.open()
    await payer.page.call("Emulation.setScriptExecutionDisabled", value=True)
    await payer.page.call("Page.navigate", url=scene.form_url)
    await _submit(payer, PAYER | {"number": "4242424242424241"})
    assert await payer.page.until("document.getElementById('number-error')?.textContent") == (
        "Only test cards work here, and this is none of them."
    )
    await _submit(payer, PAYER | {"number": SHORT})
    assert "not enough money" in await payer.page.until("document.getElementById('reason')?.textContent")
    await _submit(payer, PAYER | {"number": CHALLENGED})
    await payer.page.until("document.forms.length", "/challenge/")
    await _submit(payer, {"code": "1234"}, "/challenge/")
    await payer.page.until("document.links.length", "/challenge/")
    await payer.page.value("document.links[0].click()", "/challenge/")
    assert await payer.page.until(HEADING) == "Your card was accepted"
    assert (scene.now(charge)["state"], scene.now(charge)["attempts"]) == ("authorised", 2)
    await payer.page.call("Emulation.setScriptExecutionDisabled", value=False)


async def test_dark_and_calm_where_the_payer_wishes_so(payer, scene):
    scene.charge()
    await payer.open()
    ground = "getComputedStyle(document.body).backgroundColor"
    turning = "getComputedStyle(document.getElementById('spinner')).animationName"
    light = await payer.page.value(ground)
    assert await payer.page.value(turning) == "turn"
    wishes = {"prefers-color-scheme": "dark", "prefers-reduced-motion": "reduce"}
    features = [{"name": name, "value": value} for name, value in wishes.items()]
    await payer.page.call("Emulation.setEmulatedMedia", features=features)
    assert await payer.page.value(ground) != light
    assert await payer.page.value(turning) == "none"


async def test_text_stands_out_from_its_ground_in_both_schemes(scene):
    style = scene.get("/pay/form.css").body.decode()
    blocks = re.findall(r":root {(.*?)}", style, re.DOTALL)
    light, dark = (dict(re.findall(r"--([\w-]+): (#\w{6});", block)) for block in blocks[:2])
    pairs = [
        ("ink", "card"),
        ("muted", "card"),
        ("muted", "field"),
        ("on-accent", "accent"),
        ("on-accent", "accent-strong"),
    ]
    pairs += [("wrong", "card"), ("wrong", "wrong-ground"), ("right", "card"), ("on-note", "note"), ("accent", "card")]
    for colours in (light, dark):
        # WCAG 2.2: 4.5 for text (1.4.3), 3 for the edge of a control (1.4.11).
        assert [pair for pair in pairs if _contrast(*(colours[name] for name in pair)) < 4.5] == []
        assert _contrast(colours["edge"], colours["card"]) >= 3


def _contrast(one, other):
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _value(node, name):
    return node.get(name, {}).get("value", "")


async def _submit(payer, values, within="/pay/"):
    """Type into the page's form and send it as a browser without script does."""
    await payer.page.until(
        f"document.forms.length && document.getElementById('{next(iter(values))}')?.value === ''", within
    )
    for name, value in values.items():
        await payer.page.value(f"void (document.getElementById('{name}').value = {value!r})", within)
    await payer.page.value("void document.querySelector('button').click()", within)
