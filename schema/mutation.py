"""The root of every mutation: one file a verb."""

import strawberry

from schema.mutation_accept_change import AcceptChangeMutation
from schema.mutation_add_services import AddServicesMutation
from schema.mutation_cancel import CancelMutation
from schema.mutation_dispute import DisputeMutation
from schema.mutation_erase import EraseMutation
from schema.mutation_exchange import ExchangeMutation
from schema.mutation_give_back import GiveBackMutation
from schema.mutation_pay import PayMutation
from schema.mutation_quote_exchange import QuoteExchangeMutation
from schema.mutation_quote_refund import QuoteRefundMutation
from schema.mutation_quote_services import QuoteServicesMutation
from schema.mutation_refund import RefundMutation
from schema.mutation_replay import ReplayMutation
from schema.mutation_reserve import ReserveMutation
from schema.mutation_settle import SettleMutation
from schema.mutation_settle_discrepancy import SettleDiscrepancyMutation
from schema.mutation_update import UpdateMutation


@strawberry.type(
    description="Everything that changes something. Each takes an idempotency key: sent again with the same key and "
    "input, it answers the same operation and does nothing twice."
)
class Mutation(
    ReserveMutation,
    PayMutation,
    CancelMutation,
    QuoteRefundMutation,
    RefundMutation,
    GiveBackMutation,
    QuoteExchangeMutation,
    ExchangeMutation,
    AcceptChangeMutation,
    QuoteServicesMutation,
    AddServicesMutation,
    UpdateMutation,
    EraseMutation,
    ReplayMutation,
    SettleMutation,
    DisputeMutation,
    SettleDiscrepancyMutation,
):
    """Each verb brings its own field."""
