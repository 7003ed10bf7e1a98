"""Messages (F7): what waits, was sent or failed, and what patients replied."""
