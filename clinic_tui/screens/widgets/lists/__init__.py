"""Lists whose lines are drawn as they are needed, and what keys do in them."""
