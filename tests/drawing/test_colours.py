"""Colours: told apart by the colour-blind, and legible in both themes."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from graphnn.drawing.colours import DARK, LIGHT, THEMES, Theme, blend, theme_named

# Machado, Oliveira and Fernandes (2009), severity 1.0: what linear RGB becomes.
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
         [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
         [0.004733, 0.691367, 0.303900]]
    ),
}  # fmt: skip


def linear(colour: str) -> np.ndarray:
    share = np.array(list(bytes.fromhex(colour[1:]))) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def lab(colour: str, blindness: str) -> np.ndarray:
    """Return CIE L*a*b* of what is seen."""
    rgb = np.clip(BLINDNESS[blindness] @ linear(colour), 0, 1)
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = to_xyz @ rgb / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(a: str, b: str) -> float:
    """Return the contrast ratio of WCAG 2."""
    first, second = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (a, b))
    return (second + 0.05) / (first + 0.05)


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
@pytest.mark.parametrize("blindness", BLINDNESS)
def test_signs_are_told_apart_by_everyone(theme: Theme, blindness: str) -> None:
    for a, b in [(theme.positive, theme.negative), (theme.high, theme.low)]:
        assert np.linalg.norm(lab(a, blindness) - lab(b, blindness)) > 35
    for a, b in combinations([theme.low, theme.middle, theme.high], 2):
        assert np.linalg.norm(lab(a, blindness) - lab(b, blindness)) > 20


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_texts_can_be_read(theme: Theme) -> None:
    fills = [theme.constant, theme.input, theme.hidden, theme.output]
    for fill in [*(fill for fill, _ in fills), theme.low, theme.middle, theme.high]:
        assert contrast(theme.ink, fill) >= 4.5
    for colour in (theme.ink, theme.faint, theme.positive, theme.negative):
        assert contrast(colour, theme.background) >= 4.5


def test_a_fill_is_between_the_ends() -> None:
    assert LIGHT.fill(0.0) == LIGHT.middle
    assert LIGHT.fill(1.0) == LIGHT.fill(7.0) == LIGHT.high
    assert LIGHT.fill(-0.5) == blend(LIGHT.middle, LIGHT.low, 0.5)


def test_themes_are_found_by_name_or_taken_as_they_are() -> None:
    assert theme_named("dark") is DARK
    assert theme_named(LIGHT) is LIGHT
    with pytest.raises(ValueError, match=r"unknown theme: 'drak' \(must be one of \['dark', 'li"):
        theme_named("drak")
