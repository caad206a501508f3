"""The document shows the listener that the browser tests prove."""

from pathlib import Path

import pytest

from tests.payments.form.scene import DONE, EXAMPLE

DOCUMENT = (Path(__file__).parents[3] / "docs" / "payments.md").read_text(encoding="utf-8")


def test_the_document_shows_the_tested_listener_word_for_word():
    assert f"```javascript\n{(EXAMPLE / 'listener.js').read_text(encoding='utf-8')}```" in DOCUMENT


@pytest.mark.parametrize("field", [name for name in DONE if name != "final"])
def test_every_field_of_the_event_is_documented(field):
    assert f"\n| `{field}` | string" in DOCUMENT
