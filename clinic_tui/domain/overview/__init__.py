"""The day as it is looked at: the calendar, the board, the sheet on paper."""
