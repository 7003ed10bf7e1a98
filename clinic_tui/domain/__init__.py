"""What a clinic's appointment book does, as plain functions over a SQLAlchemy session.

An operation is ``operation(session, actor, …)``: it asks ``require`` first, does all of its
work in the caller's one transaction, never commits, never opens a session, and never calls
another public operation. It returns frozen dataclasses and refuses with a ``Refusal``.
Nothing here reads a clock: ``now`` is a parameter of whatever depends on it.
"""
