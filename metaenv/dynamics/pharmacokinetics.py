"""Concentration of each drug: linear one- or two-compartment kinetics, advanced exactly.

Plasma c and tissue p, both as a fraction of the average steady state at full dose:

    c' = intake * dose - elimination * c - outflow * (c - p)
    p' = inflow * (c - p)

`outflow = 0` makes the tissue an effect site without mass; `inflow = 0` leaves one compartment; `elimination = 0` means
that the concentration follows the dose at once. An infusion adds `intake * cycle * dose` to the plasma, which gives the
same average as continuous intake.
"""

from __future__ import annotations

import math

from metaenv.dynamics.compile import compiled


@compiled
def propagate(
    plasma: float, tissue: float, input_rate: float, elimination: float, outflow: float, inflow: float, days: float
) -> tuple[float, float, float]:
    """Plasma and tissue concentration after some days of constant input, and the mean plasma concentration meanwhile.

    Args:
        plasma: concentration at the start.
        tissue: concentration at the start.
        input_rate: /day.
        elimination: /day, > 0.
        outflow: /day.
        inflow: /day.
        days: > 0.
    """
    steady = input_rate / elimination
    c0 = plasma - steady
    if inflow == 0.0:
        decay = math.exp(-elimination * days)
        return steady + c0 * decay, tissue, steady + c0 * (1.0 - decay) / (elimination * days)
    p0 = tissue - steady
    a = -(elimination + outflow)
    half_trace = 0.5 * (a - inflow)
    spread = math.sqrt(0.25 * (a + inflow) ** 2 + outflow * inflow)
    slow = math.exp((half_trace + spread) * days)
    fast = math.exp((half_trace - spread) * days)
    even = 0.5 * (slow + fast)
    odd = 0.5 * (slow - fast) / spread if spread * days > 1e-9 else days * even
    c1 = even * c0 + odd * ((a - half_trace) * c0 + outflow * p0)
    p1 = even * p0 + odd * (inflow * c0 + (-inflow - half_trace) * p0)
    # mass balance of the deviations gives their integral exactly
    exchanged = (p1 - p0) / inflow
    mean = steady + ((c0 - c1) - outflow * exchanged) / (elimination * days)
    return steady + c1, steady + p1, mean
