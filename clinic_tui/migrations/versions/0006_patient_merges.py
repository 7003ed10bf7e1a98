"""Records of patients that turned out to be one person's, kept so that it can be taken back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

INSTANT = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")


def upgrade() -> None:
    """Who was merged into whom, and how to part them again."""
    op.add_column("patients", sa.Column("merged_into", sa.Integer(), nullable=True))
    op.create_table(
        "patient_merges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("merged_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("merged_at", INSTANT, nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("filled", sa.JSON(), nullable=False),
        sa.Column("left", sa.JSON(), nullable=False),
        sa.Column("reversed_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_patient_merges_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["kept_id"], ["patients.id"], name=op.f("fk_patient_merges_kept_id")
        ),
        sa.ForeignKeyConstraint(
            ["merged_id"], ["patients.id"], name=op.f("fk_patient_merges_merged_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_merges")),
    )
    op.create_index(op.f("ix_patient_merges_merged_id"), "patient_merges", ["merged_id"])
    op.create_index(op.f("ix_patient_merges_kept_id"), "patient_merges", ["kept_id"])
