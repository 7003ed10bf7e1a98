"""Days and times: as people type them, as spans, and as the wall clock has them. Pure."""
