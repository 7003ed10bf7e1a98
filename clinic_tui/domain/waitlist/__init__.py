"""The waitlist: who wants an earlier visit, whom freed time would suit, and offers."""
