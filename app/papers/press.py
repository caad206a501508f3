"""Prints papers: facts to HTML (Jinja2) to PDF (xhtml2pdf). Runs in a worker process.

xhtml2pdf carries on without an image, a font or a glyph it cannot get, so here everything it reports or logs
is a failure, and what it does not report is checked.
"""

import base64
import os
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from xhtml2pdf import pisa
from xhtml2pdf.config.resources import ResourceAccessPolicy

from app.papers import tour_words, words
from app.papers.complaints import Complaints
from app.papers.glyphs import FIGURES, FONTS, spelled
from app.papers.receipt import Receipt
from app.papers.route import route
from app.papers.statement import Statement
from app.papers.voucher import Voucher

TEMPLATES: Final = Path(__file__).parent / "templates"
RENDER_SECONDS: Final = 10.0

Paper = Receipt | Statement | Voucher

_QR_PIXELS_PER_MODULE: Final = 8


class PrintError(Exception):
    """A paper could not be printed. Its text names the cause and never what stands on the paper."""


def print_pdf(paper: Paper) -> bytes:
    """The paper as PDF, the same bytes for the same facts.

    PrintError when anything would be missing from it.
    """
    # ReportLab dates a document by this variable; without it the bytes would differ with the clock.
    issued = datetime.combine(paper.issued_on, datetime.min.time(), UTC)
    os.environ["SOURCE_DATE_EPOCH"] = str(int(issued.timestamp()))
    try:
        pdf = _converted(_html(paper))
    except PrintError:
        raise
    except Exception as error:  # noqa: BLE001 - the library's own texts quote the page, so the cause stays here
        raise PrintError(f"the page could not be laid out ({type(error).__name__})") from None
    if isinstance(paper, Receipt | Voucher) and b"/Subtype /Image" not in pdf:
        raise PrintError("the verification code is missing")
    return pdf


def rehearse() -> None:
    """Print an empty page in each style, which loads everything a first one would wait for."""
    for style in ("receipt.css", "statement.css"):
        _converted(f"<style>{_filled(style)}</style><p>{spelled('')}</p>")


def _html(paper: Paper) -> str:
    match paper:
        case Receipt():
            return _filled("receipt.html", receipt=paper, route=route(paper), qr=_qr(paper.verification_url))
        case Voucher():
            return _filled("voucher.html", voucher=paper, qr=_qr(paper.verification_url))
        case Statement():
            return _filled("statement.html", statement=paper)


def _filled(template: str, **facts: object) -> str:
    return _environment().get_template(template).render(facts)


def _converted(html: str) -> bytes:
    out = BytesIO()
    with Complaints() as complaints:
        result = pisa.CreatePDF(html, dest=out, path=str(TEMPLATES / "any.html"), resource_policy=_policy())
    if result.err or result.warn or complaints.places:
        found = ", ".join(complaints.places) or "unnamed"
        raise PrintError(f"xhtml2pdf: {result.err} errors, {result.warn} warnings ({found})")
    return out.getvalue()


def _policy() -> ResourceAccessPolicy:
    return ResourceAccessPolicy.server(
        TEMPLATES, extra_roots=(FONTS, FIGURES), allow_remote=False, max_render_seconds=RENDER_SECONDS
    )


def _qr(url: str) -> Markup:
    code = segno.make(url, error="m", micro=False)
    out = BytesIO()
    code.save(out, kind="png", scale=_QR_PIXELS_PER_MODULE, border=0, dark="#101a3c")
    return Markup("data:image/png;base64,") + base64.b64encode(out.getvalue()).decode()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.globals |= {"words": words, "tours": tour_words, "fonts": FONTS, "figures": FIGURES}
    environment.filters["spelled"] = spelled
    environment.policies["truncate.leeway"] = 0
    return environment


def _finalize(value: Any) -> Any:  # noqa: ANN401 - Jinja hands over whatever an expression gave
    """Nothing reaches the page that the fonts cannot draw."""
    return spelled(value) if isinstance(value, str) and not isinstance(value, Markup) else value
