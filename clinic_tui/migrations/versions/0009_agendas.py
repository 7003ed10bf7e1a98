"""Doctors' days by e-mail: who does not want theirs, and the day of which they were told last.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the columns."""
    op.add_column(
        "doctors",
        sa.Column("wants_agenda", sa.Boolean(), server_default=sa.true(), nullable=False),
    )
    op.add_column("channels", sa.Column("agendas_on", sa.Date(), nullable=True))
