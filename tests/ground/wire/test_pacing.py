"""What a host says about when to come back, in every spelling met in the wild."""

from datetime import UTC, datetime, timedelta

import pytest

from app.wire.messages import Response
from app.wire.pacing import pause

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
IN_A_MINUTE = "Sat, 21 Nov 2026 09:31:00 GMT"
# The sender's clock is a minute fast: what it calls 09:32 is 09:31 here.
FAST = {"date": IN_A_MINUTE, "retry-after": "Sat, 21 Nov 2026 09:32:00 GMT"}


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"retry-after": "7"}, 7),
        (503, {"retry-after": "7"}, 7),
        (429, {"retry-after": IN_A_MINUTE}, 60),
        (429, FAST, 60),
        (429, {"retry-after": "0"}, 0.1),
        (429, {"retry-after": "Sat, 21 Nov 2026 09:00:00 GMT"}, 0.1),
        (429, {"retry-after": "99999999"}, 3600),
        (429, {"retry-after": "soon"}, 1),
        (429, {"retry-after": "-5"}, 1),
        (429, {"retry-after": "٣"}, 1),
        (429, {}, 1),
        (429, {"ratelimit-reset": "12"}, 12),
        (429, {"retry-after": "3", "ratelimit-reset": "12"}, 3),
        (503, {"ratelimit-reset": "12"}, 12),
        (503, {}, None),
        (200, {"ratelimit-remaining": "0", "ratelimit-reset": "30"}, 30),
        (200, {"ratelimit-remaining": "0", "ratelimit-reset": IN_A_MINUTE}, 60),
        (200, {"ratelimit-remaining": "0", "ratelimit-reset": str(int(NOW.timestamp()) + 20)}, 20),
        (200, {"ratelimit-remaining": "0"}, None),
        (200, {"ratelimit-remaining": "5", "ratelimit-reset": "30"}, None),
        (200, {"retry-after": "7"}, None),
        (500, {"retry-after": "7"}, None),
    ],
    ids=str,
)
def test_a_pause_is_read(status, headers, seconds):
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert pause(Response(status=status, headers=headers), NOW) == expected
