"""Who a visit is for: found while one types, or somebody new."""
