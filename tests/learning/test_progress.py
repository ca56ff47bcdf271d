"""The progress bar: what it says, and that it fits a terminal."""

from __future__ import annotations

import re

import numpy as np
import pytest

import graphnn as gn
from graphnn.learning.progress import quantity, words


def test_it_says_the_loss_and_what_held_out_data_say() -> None:
    record = gn.Record(1, 10, 0.123456, 0.0, 0.1)
    assert words(record) == "loss 0.1235"
    assert words(record._replace(validation=0.25)) == "loss 0.1235  val 0.25"
    assert words(record._replace(validation=0.25, score=0.9)) == "loss 0.1235  score 0.9"


@pytest.mark.parametrize(
    ("number", "expected"),
    [(0.0, "0.0"), (9.99, "10.0"), (999.4, "999"), (1234.0, "1k"), (999_499, "999k"),
     (999_501, "1.0M"), (3.21e7, "32.1M")],
)  # fmt: skip
def test_numbers_of_steps_are_short(number: float, expected: str) -> None:
    assert quantity(number) == expected


def test_it_fits_80_columns(
    small: gn.Network, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("FORCE_COLOR", "1")
    X, y = np.full((6, 2), 0.1), np.ones((6, 2))
    gn.train(small, X, y, epochs=2000, engine="matrix", progress=True, validation=(X, y))
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", capsys.readouterr().err)
    lines = [line for line in re.split(r"[\r\n]+", shown) if line.strip()]
    assert max(map(len, lines)) <= 80
    assert re.match(r"epoch 2000 ━+ loss \S+  val \S+ \S+ steps/s 0:00:00", lines[-1])
