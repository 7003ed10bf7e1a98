"""The style sheets of the screens, found whatever folder a screen lies in.

Textual seeks a sheet beside the class that was made, which for an heir is another folder.
"""

from __future__ import annotations

from pathlib import Path


def style_sheet(name: str) -> Path:
    """Where the sheet of that name is, its ending left out."""
    return Path(__file__).with_name(f"{name}.tcss")
