"""Messages on their way: claimed, worded, sent to servers on loopback, recorded."""
