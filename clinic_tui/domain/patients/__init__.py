"""Patients: who they are, how they are found and reached, two records of one person made one."""
