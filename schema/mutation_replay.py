"""Replay a delivery."""

from typing import Annotated, Self

import strawberry

from app.booking.replay import ReplayWish, take_replay
from resolvers.verbs import Taken, taken
from resolvers.webhooks import delivery
from schema.fields import Info, answered
from schema.payload import OperationPayload
from schema.texts import checked
from schema.webhook import WebhookDelivery


@strawberry.input(description="What to deliver again.")
class ReplayWebhookDeliveryInput:
    """`ReplayWish` of the verb."""

    delivery_id: strawberry.ID = strawberry.field(
        description="The delivery, in any state: its `webhook-id`, or the `event` of its token."
    )
    idempotency_key: str | None = strawberry.field(
        default=None,
        description="Of the client's making, the same for every try of this replay, 1 to 255 characters. "
        "Without one every call delivers once more.",
    )

    def to_wish(self) -> ReplayWish:
        """The verb's wish."""
        return ReplayWish(delivery_id=self.delivery_id)


@strawberry.type(description="What became of a `replayWebhookDelivery`.")
class ReplayWebhookDeliveryPayload(OperationPayload):
    """A delivery that is due again, or why it is not."""

    delivery_id: strawberry.Private[str]

    @answered
    async def delivery(self, info: Info) -> WebhookDelivery | None:
        """The delivery as it is now; null when the viewer's partner has none of this id."""
        row = await delivery(info.context, self.delivery_id)
        return WebhookDelivery.of(row) if row else None

    @classmethod
    def about(cls, delivery_id: str, taken: Taken) -> Self:
        """What became of the wish about this delivery."""
        return cls(delivery_id=delivery_id, taken=taken)


@strawberry.type
class ReplayMutation:
    """The field of `Mutation`."""

    @answered
    async def replay_webhook_delivery(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            ReplayWebhookDeliveryInput, strawberry.argument(description="What to deliver again.")
        ],
    ) -> ReplayWebhookDeliveryPayload | None:
        """Tell the partner's endpoint of an event again, at once and with a new schedule; needs the scope `book`."""
        wish = checked(input, "input").to_wish()
        done = await taken(info.context, lambda desk, viewer: take_replay(desk, viewer, input.idempotency_key, wish))
        return ReplayWebhookDeliveryPayload.about(wish.delivery_id, done)
