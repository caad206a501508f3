"""The page a scanned ticket opens: what it says, what it hides, and that it needs nothing from anywhere."""

import base64
import hashlib
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest

from app.domain.booking import TicketStatus
from app.web.verification import (
    VERIFICATION_HEADERS,
    VerifiedFlight,
    VerifiedStay,
    VerifiedTicket,
    unknown_link_page,
    verification_page,
)

TICKET = VerifiedTicket(
    status=TicketStatus.VALID,
    ticket_number="125-2401958726",
    passenger_name="Maria Sanchez",
    issuer="Northwind Travel",
    flights=(
        VerifiedFlight(flight_number="BA 125", origin="LHR", destination="DOH", departs_on=date(2027, 3, 12)),
        VerifiedFlight(flight_number="BA 2041", origin="DOH", destination="SIN", departs_on=date(2027, 3, 12)),
    ),
    checked_at=datetime(2027, 3, 1, 8, 5, tzinfo=UTC),
)


class Page(HTMLParser):
    """A page's words and elements; refuses one whose elements do not close in order."""

    VOID = frozenset({"meta", "path", "circle"})

    def __init__(self, html):
        super().__init__()
        self.open, self.elements, self.words = [], [], []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", "".join(self.words))


@pytest.mark.parametrize("status", TicketStatus)
def test_says_the_status_by_word_by_icon_and_by_class(status):
    page = Page(verification_page(replace(TICKET, status=status)))
    assert f" {status.value} " in page.text
    assert ("main", {"class": status.value.lower()}) in page.elements
    assert any(tag == "path" for tag, _ in page.elements)


def test_each_status_means_something_else():
    assert len({Page(verification_page(replace(TICKET, status=status))).text for status in TicketStatus}) == 5


def test_says_where_and_when():
    text = Page(verification_page(TICKET)).text
    assert "LHR → DOH" in text
    assert "BA 2041 · Fri 12 Mar 2027" in text
    assert "Northwind Travel" in text
    assert "Checked on Mon 1 Mar 2027, 08:05 UTC" in text


def test_what_is_for_a_tour_is_a_voucher():
    days = {"starts_on": date(2027, 5, 8), "ends_on": date(2027, 5, 17)}
    stay = VerifiedStay(operator="Insight Vacations", tour="Best of Greece", **days)
    text = Page(verification_page(replace(TICKET, flights=(), stay=stay))).text
    assert "This voucher is valid for travel." in text and "Voucher number" in text
    assert "icket" not in text and "light" not in text


def test_hides_the_name_and_most_of_the_number():
    html = verification_page(TICKET)
    assert "M. S." in html
    assert "•••-••••••8726" in html
    for secret in ("Maria", "Sanchez", "240195", "125-"):
        assert secret not in html
    assert "Maria" not in repr(TICKET)


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Maria del Carmen Sanchez", "M. S."),
        ("Мария Жукова", "M. Z."),
        ("王小明", "W."),
        ("Mary Miller", "M. M."),
        ("Madonna", "M."),
        ("", ""),
    ],
)
def test_initials_are_latin(name, initials):
    text = Page(verification_page(replace(TICKET, passenger_name=name))).text
    assert re.search(r"Passenger ?(.*?) ?Issued by", text)[1] == initials


@pytest.mark.parametrize("page", [verification_page(TICKET), unknown_link_page()])
def test_needs_nothing_but_its_own_style(page):
    elements = Page(page).elements
    assert {tag for tag, _ in elements}.isdisjoint({"script", "link", "img", "iframe", "form", "a"})
    for _, attributes in elements:
        assert attributes.keys().isdisjoint({"style", "src", "href", "onload", "onclick"})
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in VERIFICATION_HEADERS["Content-Security-Policy"]
    assert "url(" not in style and "@import" not in style


@pytest.mark.parametrize("page", [verification_page(TICKET), unknown_link_page()])
def test_has_what_assistive_technology_asks_for(page):
    elements = Page(page).elements
    assert ("html", {"lang": "en"}) in elements
    assert sum(tag == "h1" for tag, _ in elements) == 1
    assert sum(tag == "title" for tag, _ in elements) == 1
    assert all(attributes["aria-hidden"] == "true" for tag, attributes in elements if tag == "svg")


def test_every_colour_is_readable():
    style = re.findall(r"<style>(.*?)</style>", verification_page(TICKET), re.DOTALL)[0]
    grounds = re.findall(r"header \{[^}]*background: (#\w{6})", style)
    assert len(grounds) == 5
    for ground in grounds:
        assert contrast("#ffffff", ground) >= 4.5
    for ink, muted, card in re.findall(r"--ink: (#\w+); --muted: (#\w+); .*?--card: (#\w+)", style):
        assert contrast(ink, card) >= 7
        assert contrast(muted, card) >= 4.5


def contrast(first, second):
    """WCAG 2.2 contrast ratio."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour):
    channels = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_markup_in_a_fact_stays_text():
    html = verification_page(replace(TICKET, issuer="<script>alert(1)</script>{{ 7*7 }}"))
    assert "<script>alert(1)</script>{{ 7*7 }}" in Page(html).text


def test_an_unknown_link_does_not_say_why():
    text = Page(unknown_link_page()).text
    assert "Unknown or expired link" in text
    assert "nothing can be said" in text
