"""Alembic's entry: works in the transaction that ``Database.upgrade`` opened."""

from __future__ import annotations

from alembic import context

from clinic_tui.domain.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transaction_per_migration=False,
)
context.run_migrations()
