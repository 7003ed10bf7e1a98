"""The program as plain sentences and questions: for screen readers, bad lines and pipes.

No boxes, no colours, no cursor: one line is said after the other and never drawn again. What may
be done and what is refused are the same operations as on the screens, by the same desk.
"""
