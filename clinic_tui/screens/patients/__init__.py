"""Patients (F4): found, registered, changed, two records made one; and who is calling."""
