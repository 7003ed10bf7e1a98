"""The picture of a day: doctors side by side, time downwards."""
