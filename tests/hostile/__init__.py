"""Text from people is text: at the door, on the screens, on the terminal, on the command line."""
