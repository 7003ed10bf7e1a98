"""The program stands about as soon as the smallest program of its kind does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.bench.measure import Report, in_turn, in_words, ratio
from tests.bench.terminals import SMALLEST, compile_all, environment, running

_ROUNDS = 9
_VISIT = "▌"
_DEMO = ["-m", "clinic_tui", "demo"]
_MINIMAL_APP = ["-m", "tests.bench.minimal_app"]


def test_the_first_frame_and_the_first_day(tmp_path: Path, report: Report) -> None:
    """In the same terminal, by turns; of the clinic ``demo`` has built before."""

    def minimal() -> float:
        with running(_MINIMAL_APP, tmp_path, SMALLEST) as terminal:
            return terminal.until(lambda text: "Hello" in text)[0]

    def demo() -> tuple[float, float]:
        with running(_DEMO, tmp_path, SMALLEST) as terminal:
            frame, day = terminal.until(
                lambda text: "Opening the appointment book" in text,
                lambda text: text.count(_VISIT) > 5,
            )
            return frame, day

    minimal(), demo()

    def measure() -> dict[str, list[float]]:
        times: dict[str, list[float]] = {"minimal": [], "frame": [], "day": []}
        for _ in range(_ROUNDS):
            times["minimal"].append(minimal())
            frame, day = demo()
            times["frame"].append(frame)
            times["day"].append(day)
        return times

    def against_minimal(what: str) -> tuple[float, str]:
        times = measure()
        words = f"{what} {in_words(times[what])}, minimal {in_words(times['minimal'])}"
        return ratio(times[what], times["minimal"]), words

    try:
        report.hold(
            "first frame of demo to a minimal Textual app's",
            "×",
            1.6,
            lambda: against_minimal("frame"),
        )
    finally:
        report.hold("the day's visits drawn to the same", "×", 3.5, lambda: against_minimal("day"))


def test_help(tmp_path: Path, report: Report) -> None:
    """Against a Typer app of one command that leaves Rich out as this program does."""
    compile_all()

    def run(*words: str) -> None:
        subprocess.run(
            [sys.executable, *words, "--help"],
            env=environment(tmp_path),
            capture_output=True,
            check=True,
        )

    def measure() -> tuple[float, str]:
        times = in_turn(
            _ROUNDS,
            clinic=lambda _: run("-m", "clinic_tui"),
            minimal=lambda _: run("-m", "tests.bench.minimal_command"),
        )
        words = f"clinic {in_words(times['clinic'])}, minimal {in_words(times['minimal'])}"
        return ratio(times["clinic"], times["minimal"]), words

    report.hold("clinic --help to a one-command Typer app's", "×", 1.5, measure)
