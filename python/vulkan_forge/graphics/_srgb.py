"""The transfer curve of sRGB (IEC 61966-2-1), of values from 0 to 1."""

from __future__ import annotations


def decoded(value: float) -> float:
    """Linear light of a value of sRGB."""
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def encoded(light: float) -> float:
    """The value of sRGB of linear light."""
    return 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055
