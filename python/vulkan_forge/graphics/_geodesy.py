"""Lengths on the ellipsoid of WGS 84."""

from __future__ import annotations

import math


def metres_per_degree(latitude: float) -> tuple[float, float]:
    """Of longitude and of latitude."""
    a, e2 = 6_378_137.0, 0.0066943799901413165
    phi = math.radians(min(max(latitude, -89.9), 89.9))
    w = 1 - e2 * math.sin(phi) ** 2
    return math.radians(a * math.cos(phi) / math.sqrt(w)), math.radians(a * (1 - e2) / w**1.5)
