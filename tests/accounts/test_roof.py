"""The roof closes carriers' accounts as the settings say."""

from app.domain.partner import Billing, Cycle
from app.main import opened
from app.settings import Settings

DUFFEL = {"code": "duffel", "family": "duffel", "url": "https://api.duffel.test", "token": "t"}


async def test_carriers_are_settled_with_as_agreed(tmp_path):
    weekly = DUFFEL | {"code": "weekly", "billing": {"cycle": "WEEKLY", "day": 3, "due_days": 2}}
    settings = Settings(profile="development", data_dir=tmp_path, carriers=[DUFFEL, weekly])
    async with opened(settings) as gateway:
        assert gateway.desk.tools.terms.carrier_billing == {
            "duffel": Billing(),
            "weekly": Billing(cycle=Cycle.WEEKLY, day=3, due_days=2),
        }
