"""Messages: written with the booking, worded and sent later, and the replies to them."""
