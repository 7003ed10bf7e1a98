"""Series: visits that repeat by a rule."""
