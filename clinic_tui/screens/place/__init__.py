"""Where a visit is to stand: with whom, when, for how long; asked of the book while one types."""
