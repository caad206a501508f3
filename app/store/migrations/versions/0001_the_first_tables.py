"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "inbox",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("order_ref", sa.String(), nullable=True),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("jti", sa.String(), nullable=True),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "event", name=op.f("pk_inbox")),
    )
    op.create_index("ix_inbox_jti", "inbox", ["source", "jti"], unique=True)
    op.create_index("ix_inbox_key", "inbox", ["key"], unique=False)
    op.create_index("ix_inbox_order", "inbox", ["source", "order_ref"], unique=False)
    op.create_table(
        "partner",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("terms", Json, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner")),
        sa.UniqueConstraint("name", name=op.f("uq_partner_name")),
    )
    op.create_table(
        "statement",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("party", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("settled_minor", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("holder IN ('PARTNER', 'CARRIER')", name=op.f("ck_statement_holder_known")),
        sa.CheckConstraint("state IN ('OPEN', 'SETTLED')", name=op.f("ck_statement_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement")),
        sa.UniqueConstraint(
            "holder", "party", "currency", "ends_at", name=op.f("uq_statement_holder_party_currency_ends_at")
        ),
        sa.UniqueConstraint("number", name=op.f("uq_statement_number")),
    )
    op.create_index("ix_statement_newest", "statement", ["holder", "party", "ends_at", "id"], unique=False)
    op.create_index(
        "ix_statement_open",
        "statement",
        ["party", "due_on"],
        unique=False,
        postgresql_where=sa.text("state = 'OPEN'"),
        sqlite_where=sa.text("state = 'OPEN'"),
    )
    op.create_table(
        "booking",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("partner_id", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("partner_reference", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("kept_minor", sa.BigInteger(), nullable=False),
        sa.Column("deposit_minor", sa.BigInteger(), nullable=True),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("balance_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("balance_warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pay_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("departs_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('NEW', 'REQUESTED', 'HELD', 'CONFIRMED', 'TICKETED', 'REJECTED', 'CANCELLED', 'EXPIRED', 'REFUNDED')",
            name=op.f("ck_booking_state_known"),
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_booking_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
        sa.UniqueConstraint("reference", name=op.f("uq_booking_reference")),
    )
    op.create_index(
        "ix_booking_balance",
        "booking",
        ["balance_due_at"],
        unique=False,
        postgresql_where=sa.text("balance_due_at IS NOT NULL"),
        sqlite_where=sa.text("balance_due_at IS NOT NULL"),
    )
    op.create_index("ix_booking_newest", "booking", ["partner_id", "created_at", "id"], unique=False)
    op.create_index(
        "ix_booking_unpaid",
        "booking",
        ["pay_by"],
        unique=False,
        postgresql_where=sa.text("state IN ('HELD', 'REQUESTED')"),
        sqlite_where=sa.text("state IN ('HELD', 'REQUESTED')"),
    )
    op.create_table(
        "dispute",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("statement_id", sa.String(), nullable=False),
        sa.Column("operation_id", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("resolution", sa.String(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('OPEN', 'UPHELD', 'REJECTED')", name=op.f("ck_dispute_state_known")),
        sa.ForeignKeyConstraint(["statement_id"], ["statement.id"], name=op.f("fk_dispute_statement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
    )
    op.create_index("ix_dispute_statement", "dispute", ["statement_id"], unique=False)
    op.create_table(
        "endpoint",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("partner_id", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("events", Json, nullable=False),
        sa.Column("secret", sa.String(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "format IN ('PAYMENT_CALLBACK', 'STANDARD_WEBHOOKS')", name=op.f("ck_endpoint_format_known")
        ),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_endpoint_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endpoint")),
        sa.UniqueConstraint("partner_id", "url", "format", name=op.f("uq_endpoint_partner_id_url_format")),
    )
    op.create_table(
        "settlement",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("statement_id", sa.String(), nullable=False),
        sa.Column("operation_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('PAYMENT', 'CREDIT_NOTE')", name=op.f("ck_settlement_kind_known")),
        sa.ForeignKeyConstraint(["statement_id"], ["statement.id"], name=op.f("fk_settlement_statement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement")),
    )
    op.create_index("ix_settlement_statement", "settlement", ["statement_id"], unique=False)
    op.create_table(
        "entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("posting", sa.String(), nullable=False),
        sa.Column("partner_id", sa.String(), nullable=True),
        sa.Column("booking_id", sa.String(), nullable=True),
        sa.Column("item_id", sa.String(), nullable=True),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("party", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("statement_id", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_entry_booking_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_entry_partner_id")),
        sa.ForeignKeyConstraint(["statement_id"], ["statement.id"], name=op.f("fk_entry_statement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
    )
    op.create_index("ix_entry_balance", "entry", ["account", "party", "currency"], unique=False)
    op.create_index("ix_entry_booking", "entry", ["booking_id"], unique=False)
    op.create_index("ix_entry_statement", "entry", ["statement_id"], unique=False)
    op.create_index(
        "ix_entry_unbilled",
        "entry",
        ["account", "party", "currency", "at"],
        unique=False,
        postgresql_where=sa.text("statement_id IS NULL AND account IN ('PARTNER', 'CARRIER')"),
        sqlite_where=sa.text("statement_id IS NULL AND account IN ('PARTNER', 'CARRIER')"),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.String(), nullable=False),
        sa.Column("booking_id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=True),
        sa.Column("operation_id", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("announced", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_event_booking_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_event_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_index("ix_event_booking", "event", ["booking_id", "id"], unique=False)
    op.create_index(
        "ix_event_outbox",
        "event",
        ["id"],
        unique=False,
        postgresql_where=sa.text("NOT announced"),
        sqlite_where=sa.text("NOT announced"),
    )
    op.create_index(
        "ix_event_refund",
        "event",
        ["booking_id"],
        unique=False,
        postgresql_where=sa.text("kind IN ('REFUND_FAILED', 'REFUND_PENDING')"),
        sqlite_where=sa.text("kind IN ('REFUND_FAILED', 'REFUND_PENDING')"),
    )
    op.create_table(
        "item",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("partner_id", sa.String(), nullable=False),
        sa.Column("booking_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("carrier", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("ticketing", sa.String(), nullable=False),
        sa.Column("inventory_held", sa.Boolean(), nullable=False),
        sa.Column("offer", Json, nullable=True),
        sa.Column("price", Json, nullable=False),
        sa.Column("passengers", Json, nullable=False),
        sa.Column("flights", sa.String(), nullable=False),
        sa.Column("order_ref", sa.String(), nullable=True),
        sa.Column("order_reference", sa.String(), nullable=True),
        sa.Column("pay_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("price_guaranteed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("check_tickets_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ticket_checks", sa.Integer(), nullable=False),
        sa.Column("services", Json, nullable=False),
        sa.Column("replaces", sa.String(), nullable=True),
        sa.Column("kept_minor", sa.BigInteger(), nullable=False),
        sa.Column("refund_terms", sa.String(), nullable=True),
        sa.Column("check_order_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("order_checks", sa.Integer(), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("check_request_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("request_checks", sa.Integer(), nullable=False),
        sa.Column("stuck", sa.String(), nullable=True),
        sa.CheckConstraint(
            "state IN ('NEW', 'REQUESTED', 'HELD', 'CONFIRMED', 'TICKETED', 'REJECTED', 'CANCELLED', 'EXPIRED', 'REFUNDED', 'EXCHANGED')",
            name=op.f("ck_item_state_known"),
        ),
        sa.CheckConstraint(
            "ticketing IN ('NOT_STARTED', 'PENDING', 'ISSUED', 'FAILED')", name=op.f("ck_item_ticketing_known")
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_item_booking_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_item_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
    )
    op.create_index("ix_item_booking", "item", ["booking_id", "position"], unique=False)
    op.create_index("ix_item_order", "item", ["carrier", "order_ref"], unique=False)
    op.create_index(
        "ix_item_order_due",
        "item",
        ["check_order_at"],
        unique=False,
        postgresql_where=sa.text("check_order_at IS NOT NULL"),
        sqlite_where=sa.text("check_order_at IS NOT NULL"),
    )
    op.create_index(
        "ix_item_request_due",
        "item",
        ["check_request_at"],
        unique=False,
        postgresql_where=sa.text("state = 'REQUESTED'"),
        sqlite_where=sa.text("state = 'REQUESTED'"),
    )
    op.create_index(
        "ix_item_stuck",
        "item",
        ["booking_id"],
        unique=False,
        postgresql_where=sa.text("stuck IS NOT NULL"),
        sqlite_where=sa.text("stuck IS NOT NULL"),
    )
    op.create_index(
        "ix_item_tickets_due",
        "item",
        ["check_tickets_at"],
        unique=False,
        postgresql_where=sa.text("ticketing = 'PENDING'"),
        sqlite_where=sa.text("ticketing = 'PENDING'"),
    )
    op.create_table(
        "operation",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("partner_id", sa.String(), nullable=False),
        sa.Column("booking_id", sa.String(), nullable=True),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("input_hash", sa.String(), nullable=False),
        sa.Column("input", Json, nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("refusal", Json, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('OPEN', 'DONE', 'REFUSED', 'STUCK')", name=op.f("ck_operation_state_known")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_operation_booking_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_operation_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operation")),
        sa.UniqueConstraint("partner_id", "key", name=op.f("uq_operation_partner_id_key")),
    )
    op.create_index("ix_operation_booking", "operation", ["booking_id"], unique=False)
    op.create_index(
        "ix_operation_changing",
        "operation",
        ["booking_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('OPEN', 'STUCK')"),
        sqlite_where=sa.text("state IN ('OPEN', 'STUCK')"),
    )
    op.create_index(
        "ix_operation_due",
        "operation",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'OPEN'"),
        sqlite_where=sa.text("state = 'OPEN'"),
    )
    op.create_table(
        "quote",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("partner_id", sa.String(), nullable=False),
        sa.Column("booking_id", sa.String(), nullable=False),
        sa.Column("operation_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checks", sa.Integer(), nullable=False),
        sa.Column("used_by", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('REFUND', 'EXCHANGE', 'SERVICES')", name=op.f("ck_quote_kind_known")),
        sa.CheckConstraint("state IN ('PENDING', 'READY', 'REFUSED', 'USED')", name=op.f("ck_quote_state_known")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_quote_booking_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_quote_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote")),
    )
    op.create_index("ix_quote_booking", "quote", ["booking_id"], unique=False)
    op.create_index(
        "ix_quote_check",
        "quote",
        ["check_at"],
        unique=False,
        postgresql_where=sa.text("check_at IS NOT NULL"),
        sqlite_where=sa.text("check_at IS NOT NULL"),
    )
    op.create_index("ix_quote_operation", "quote", ["operation_id"], unique=False)
    op.create_table(
        "statement_line",
        sa.Column("statement_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("booking_id", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("own_reference", sa.String(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('BOOKING', 'FEE', 'REFUND', 'EXCHANGE', 'COMMISSION')", name=op.f("ck_statement_line_kind_known")
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_statement_line_booking_id")),
        sa.ForeignKeyConstraint(["statement_id"], ["statement.id"], name=op.f("fk_statement_line_statement_id")),
        sa.PrimaryKeyConstraint("statement_id", "position", name=op.f("pk_statement_line")),
    )
    op.create_table(
        "traveller",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("partner_id", sa.String(), nullable=False),
        sa.Column("booking_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("infant_id", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("gender", sa.String(), nullable=True),
        sa.Column("given_name", sa.String(), nullable=True),
        sa.Column("family_name", sa.String(), nullable=True),
        sa.Column("name_key", sa.String(), nullable=True),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("loyalty", Json, nullable=False),
        sa.Column("assistance", Json, nullable=False),
        sa.Column("document", sa.String(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_traveller_booking_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_traveller_partner_id")),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_traveller")),
    )
    op.create_index("ix_traveller_booking", "traveller", ["booking_id", "position"], unique=False)
    op.create_index("ix_traveller_name", "traveller", ["partner_id", "name_key"], unique=False)
    op.create_table(
        "carrier_change",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("partner_id", sa.String(), nullable=False),
        sa.Column("booking_id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('OPEN', 'ACCEPTED', 'EXCHANGED', 'REFUNDED', 'LAPSED', 'SUPERSEDED')",
            name=op.f("ck_carrier_change_state_known"),
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_carrier_change_booking_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_carrier_change_item_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_carrier_change_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier_change")),
    )
    op.create_index("ix_carrier_change_booking", "carrier_change", ["booking_id"], unique=False)
    op.create_index(
        "ix_carrier_change_open",
        "carrier_change",
        ["deadline"],
        unique=False,
        postgresql_where=sa.text("state = 'OPEN'"),
        sqlite_where=sa.text("state = 'OPEN'"),
    )
    op.create_index("ix_carrier_change_ref", "carrier_change", ["item_id", "ref"], unique=True)
    op.create_table(
        "delivery",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("partner_id", sa.String(), nullable=False),
        sa.Column("endpoint_id", sa.String(), nullable=False),
        sa.Column("booking_id", sa.String(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('PENDING', 'DELIVERED', 'FAILED')", name=op.f("ck_delivery_state_known")),
        sa.ForeignKeyConstraint(["endpoint_id"], ["endpoint.id"], name=op.f("fk_delivery_endpoint_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_delivery_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("endpoint_id", "event_id", name=op.f("uq_delivery_endpoint_id_event_id")),
    )
    op.create_index("ix_delivery_booking", "delivery", ["booking_id"], unique=False)
    op.create_index(
        "ix_delivery_due",
        "delivery",
        ["endpoint_id", "next_at"],
        unique=False,
        postgresql_where=sa.text("state = 'PENDING'"),
        sqlite_where=sa.text("state = 'PENDING'"),
    )
    op.create_index("ix_delivery_newest", "delivery", ["partner_id", "created_at", "id"], unique=False)
    op.create_table(
        "payment",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("partner_id", sa.String(), nullable=False),
        sa.Column("booking_id", sa.String(), nullable=False),
        sa.Column("operation_id", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("quote_id", sa.String(), nullable=True),
        sa.Column("provider", sa.String(), nullable=True),
        sa.Column("charge", sa.String(), nullable=True),
        sa.Column("form_url", sa.String(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checks", sa.Integer(), nullable=False),
        sa.Column("card", sa.String(), nullable=True),
        sa.Column("declined", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("method IN ('ON_ACCOUNT', 'CARD')", name=op.f("ck_payment_method_known")),
        sa.CheckConstraint(
            "status IN ('PENDING', 'AUTHORISED', 'CAPTURED', 'VOIDED', 'EXPIRED', 'FAILED')",
            name=op.f("ck_payment_status_known"),
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_payment_booking_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_payment_partner_id")),
        sa.ForeignKeyConstraint(["quote_id"], ["quote.id"], name=op.f("fk_payment_quote_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
    )
    op.create_index("ix_payment_booking", "payment", ["booking_id"], unique=False)
    op.create_index("ix_payment_charge", "payment", ["provider", "charge"], unique=True)
    op.create_index(
        "ix_payment_check",
        "payment",
        ["check_at"],
        unique=False,
        postgresql_where=sa.text("check_at IS NOT NULL"),
        sqlite_where=sa.text("check_at IS NOT NULL"),
    )
    op.create_index(
        "ix_payment_failed",
        "payment",
        ["booking_id"],
        unique=False,
        postgresql_where=sa.text("status = 'FAILED'"),
        sqlite_where=sa.text("status = 'FAILED'"),
    )
    op.create_index(
        "ix_payment_reserved",
        "payment",
        ["partner_id", "currency"],
        unique=False,
        postgresql_where=sa.text("status = 'AUTHORISED'"),
        sqlite_where=sa.text("status = 'AUTHORISED'"),
    )
    op.create_table(
        "step",
        sa.Column("operation_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("request", Json, nullable=False),
        sa.Column("answer", Json, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("troubles", sa.Integer(), nullable=False),
        sa.Column("asked_first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("send_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("quiet_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.CheckConstraint(
            "state IN ('ASKING', 'FREE', 'SETTLED', 'REFUSED', 'STUCK')", name=op.f("ck_step_state_known")
        ),
        sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], name=op.f("fk_step_operation_id")),
        sa.PrimaryKeyConstraint("operation_id", "name", "item_id", name=op.f("pk_step")),
    )
    op.create_index(op.f("ix_step_key"), "step", ["key"], unique=False)
    op.create_table(
        "ticket",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("partner_id", sa.String(), nullable=False),
        sa.Column("booking_id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("traveller_id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("coupons", Json, nullable=False),
        sa.Column("replaces", sa.String(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('VALID', 'USED', 'REFUNDED', 'EXCHANGED', 'VOID')", name=op.f("ck_ticket_status_known")
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_ticket_booking_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_ticket_item_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_ticket_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("item_id", "number", "traveller_id", name=op.f("uq_ticket_item_id_number_traveller_id")),
    )
    op.create_index("ix_ticket_booking", "ticket", ["booking_id"], unique=False)
    op.create_table(
        "discrepancy",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("partner_id", sa.String(), nullable=True),
        sa.Column("booking_id", sa.String(), nullable=True),
        sa.Column("item_id", sa.String(), nullable=True),
        sa.Column("payment_id", sa.String(), nullable=True),
        sa.Column("facts", Json, nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('UNKNOWN_ORDER', 'MISSING_ORDER', 'ORDER_STATE', 'ORDER_AMOUNT', 'REFUND_UNTOLD', 'UNKNOWN_CHARGE', 'MISSING_CHARGE', 'CHARGE_STATE', 'CHARGE_AMOUNT', 'REFUND_REFUSED', 'UNPAID_BALANCE', 'STUCK')",
            name=op.f("ck_discrepancy_kind_known"),
        ),
        sa.CheckConstraint("state IN ('OPEN', 'SETTLED')", name=op.f("ck_discrepancy_state_known")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_discrepancy_booking_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_discrepancy_item_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_discrepancy_partner_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_discrepancy_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discrepancy")),
    )
    op.create_index("ix_discrepancy_booking", "discrepancy", ["booking_id"], unique=False)
    op.create_index("ix_discrepancy_newest", "discrepancy", ["found_at", "id"], unique=False)
    op.create_index(
        "ix_discrepancy_open",
        "discrepancy",
        ["kind", "source", "ref"],
        unique=True,
        postgresql_where=sa.text("state = 'OPEN'"),
        sqlite_where=sa.text("state = 'OPEN'"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_discrepancy_open",
        table_name="discrepancy",
        postgresql_where=sa.text("state = 'OPEN'"),
        sqlite_where=sa.text("state = 'OPEN'"),
    )
    op.drop_index("ix_discrepancy_newest", table_name="discrepancy")
    op.drop_index("ix_discrepancy_booking", table_name="discrepancy")
    op.drop_table("discrepancy")
    op.drop_index("ix_ticket_booking", table_name="ticket")
    op.drop_table("ticket")
    op.drop_index(op.f("ix_step_key"), table_name="step")
    op.drop_table("step")
    op.drop_index(
        "ix_payment_reserved",
        table_name="payment",
        postgresql_where=sa.text("status = 'AUTHORISED'"),
        sqlite_where=sa.text("status = 'AUTHORISED'"),
    )
    op.drop_index(
        "ix_payment_failed",
        table_name="payment",
        postgresql_where=sa.text("status = 'FAILED'"),
        sqlite_where=sa.text("status = 'FAILED'"),
    )
    op.drop_index(
        "ix_payment_check",
        table_name="payment",
        postgresql_where=sa.text("check_at IS NOT NULL"),
        sqlite_where=sa.text("check_at IS NOT NULL"),
    )
    op.drop_index("ix_payment_charge", table_name="payment")
    op.drop_index("ix_payment_booking", table_name="payment")
    op.drop_table("payment")
    op.drop_index("ix_delivery_newest", table_name="delivery")
    op.drop_index(
        "ix_delivery_due",
        table_name="delivery",
        postgresql_where=sa.text("state = 'PENDING'"),
        sqlite_where=sa.text("state = 'PENDING'"),
    )
    op.drop_index("ix_delivery_booking", table_name="delivery")
    op.drop_table("delivery")
    op.drop_index("ix_carrier_change_ref", table_name="carrier_change")
    op.drop_index(
        "ix_carrier_change_open",
        table_name="carrier_change",
        postgresql_where=sa.text("state = 'OPEN'"),
        sqlite_where=sa.text("state = 'OPEN'"),
    )
    op.drop_index("ix_carrier_change_booking", table_name="carrier_change")
    op.drop_table("carrier_change")
    op.drop_index("ix_traveller_name", table_name="traveller")
    op.drop_index("ix_traveller_booking", table_name="traveller")
    op.drop_table("traveller")
    op.drop_table("statement_line")
    op.drop_index("ix_quote_operation", table_name="quote")
    op.drop_index(
        "ix_quote_check",
        table_name="quote",
        postgresql_where=sa.text("check_at IS NOT NULL"),
        sqlite_where=sa.text("check_at IS NOT NULL"),
    )
    op.drop_index("ix_quote_booking", table_name="quote")
    op.drop_table("quote")
    op.drop_index(
        "ix_operation_due",
        table_name="operation",
        postgresql_where=sa.text("state = 'OPEN'"),
        sqlite_where=sa.text("state = 'OPEN'"),
    )
    op.drop_index(
        "ix_operation_changing",
        table_name="operation",
        postgresql_where=sa.text("state IN ('OPEN', 'STUCK')"),
        sqlite_where=sa.text("state IN ('OPEN', 'STUCK')"),
    )
    op.drop_index("ix_operation_booking", table_name="operation")
    op.drop_table("operation")
    op.drop_index(
        "ix_item_tickets_due",
        table_name="item",
        postgresql_where=sa.text("ticketing = 'PENDING'"),
        sqlite_where=sa.text("ticketing = 'PENDING'"),
    )
    op.drop_index(
        "ix_item_stuck",
        table_name="item",
        postgresql_where=sa.text("stuck IS NOT NULL"),
        sqlite_where=sa.text("stuck IS NOT NULL"),
    )
    op.drop_index(
        "ix_item_request_due",
        table_name="item",
        postgresql_where=sa.text("state = 'REQUESTED'"),
        sqlite_where=sa.text("state = 'REQUESTED'"),
    )
    op.drop_index(
        "ix_item_order_due",
        table_name="item",
        postgresql_where=sa.text("check_order_at IS NOT NULL"),
        sqlite_where=sa.text("check_order_at IS NOT NULL"),
    )
    op.drop_index("ix_item_order", table_name="item")
    op.drop_index("ix_item_booking", table_name="item")
    op.drop_table("item")
    op.drop_index(
        "ix_event_refund",
        table_name="event",
        postgresql_where=sa.text("kind IN ('REFUND_FAILED', 'REFUND_PENDING')"),
        sqlite_where=sa.text("kind IN ('REFUND_FAILED', 'REFUND_PENDING')"),
    )
    op.drop_index(
        "ix_event_outbox",
        table_name="event",
        postgresql_where=sa.text("NOT announced"),
        sqlite_where=sa.text("NOT announced"),
    )
    op.drop_index("ix_event_booking", table_name="event")
    op.drop_table("event")
    op.drop_index(
        "ix_entry_unbilled",
        table_name="entry",
        postgresql_where=sa.text("statement_id IS NULL AND account IN ('PARTNER', 'CARRIER')"),
        sqlite_where=sa.text("statement_id IS NULL AND account IN ('PARTNER', 'CARRIER')"),
    )
    op.drop_index("ix_entry_statement", table_name="entry")
    op.drop_index("ix_entry_booking", table_name="entry")
    op.drop_index("ix_entry_balance", table_name="entry")
    op.drop_table("entry")
    op.drop_index("ix_settlement_statement", table_name="settlement")
    op.drop_table("settlement")
    op.drop_table("endpoint")
    op.drop_index("ix_dispute_statement", table_name="dispute")
    op.drop_table("dispute")
    op.drop_index(
        "ix_booking_unpaid",
        table_name="booking",
        postgresql_where=sa.text("state IN ('HELD', 'REQUESTED')"),
        sqlite_where=sa.text("state IN ('HELD', 'REQUESTED')"),
    )
    op.drop_index("ix_booking_newest", table_name="booking")
    op.drop_index(
        "ix_booking_balance",
        table_name="booking",
        postgresql_where=sa.text("balance_due_at IS NOT NULL"),
        sqlite_where=sa.text("balance_due_at IS NOT NULL"),
    )
    op.drop_table("booking")
    op.drop_index(
        "ix_statement_open",
        table_name="statement",
        postgresql_where=sa.text("state = 'OPEN'"),
        sqlite_where=sa.text("state = 'OPEN'"),
    )
    op.drop_index("ix_statement_newest", table_name="statement")
    op.drop_table("statement")
    op.drop_table("partner")
    op.drop_index("ix_inbox_order", table_name="inbox")
    op.drop_index("ix_inbox_key", table_name="inbox")
    op.drop_index("ix_inbox_jti", table_name="inbox")
    op.drop_table("inbox")
