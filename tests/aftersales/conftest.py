from tests.booking.conftest import house

__all__ = ["house"]
