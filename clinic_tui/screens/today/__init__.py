"""Today (F2): the front desk's board."""
