from tests.booking.conftest import house, memory

__all__ = ["house", "memory"]
