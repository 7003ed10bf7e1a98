"""Proofs by numbers: an independent model, generated histories, kills, changes of the clocks.

Small by ``make prove``, large by ``make soak``.
"""
