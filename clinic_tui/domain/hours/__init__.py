"""When doctors work: weekly hours, extra hours, time off and hours kept for a visit type."""
