"""Every table there is: a foreign key finds its table only where the table's module was imported."""

from app.store import account_tables, aftersales_tables, delivery_tables, tables

TABLES = (account_tables, aftersales_tables, delivery_tables, tables)
METADATA = tables.Row.metadata
