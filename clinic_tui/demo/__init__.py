"""The clinic of ``clinic demo``: made-up people in a throw-away file, always around today."""
