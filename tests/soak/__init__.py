"""Proofs by numbers: an independent model, generated histories, kills, changes of the clocks.

Small in every run of the tests, large by ``make soak``.
"""
