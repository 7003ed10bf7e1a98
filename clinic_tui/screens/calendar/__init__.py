"""The calendar (F3): a day, a week, a month, and what a letter does to what is under the cursor."""
