"""How the desk calls each doctor, so that two of one family name are told apart.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from clinic_tui.domain.staff.doctor_names import Named, names_shown

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add the column, and name everybody who is there."""
    op.add_column("doctors", sa.Column("shown_name", sa.Text(), server_default="", nullable=False))
    connection = op.get_bind()
    found = connection.execute(
        sa.text("SELECT id, title, given_name, family_name, active FROM doctors")
    )
    names = names_shown(Named(*row) for row in found.all())
    if names:
        connection.execute(
            sa.text("UPDATE doctors SET shown_name = :name WHERE id = :id"),
            [{"id": number, "name": name} for number, name in names.items()],
        )
