"""Blood: tumour marker, circulating tumour DNA, allele fractions.

PSA is proportional to the cells that imaging could show and read with the assay's noise. Circulating DNA comes from
dying cells: each sheds 1.4e-4 genome equivalents, which last half an hour in 5 L of blood, so 1.7 of them float in
15 mL at 1 cm3 of lung cancer whose cells die at 0.136 /day (Source: Avanzini2020), and fewer in a slower tumour. A tube
holds a Poisson number. A marker of kind ctDNA is that count per mL, without further noise; allele fractions are read in
a tube of their own, of which a sequencer takes no more than it can.
"""

from __future__ import annotations

import math

from metaenv.clinic.chart import Chart
from metaenv.clinic.imaging import imaged_cells
from metaenv.clinic.settings import ClinicSettings
from metaenv.dynamics.compile import compiled, compiled_inside
from metaenv.dynamics.random import ALLELES, MARKER, binomial, normal_quantile, poisson, uniforms
from metaenv.dynamics.state import Patients, State

SHED_PER_DEATH = 1.4e-4  # genome equivalents per dying cell, 0.014 % of its DNA; Source: Avanzini2020
DNA_HALF_LIFE = 0.5 / 24  # days, 0.5-2 h; from memory
BLOOD_VOLUME = 5000.0  # mL; textbook
GENOMES_PER_DEATH = SHED_PER_DEATH * DNA_HALF_LIFE / math.log(2.0) / BLOOD_VOLUME  # per mL, per death a day
MARKER_CEILING = 1e8  # units of the marker; the assay reports no more


@compiled
def expected_genomes(deaths: float, volume: float) -> float:
    """Genome equivalents of tumour DNA expected in a volume of blood (mL) at so many cell deaths a day."""
    return deaths * GENOMES_PER_DEATH * volume


@compiled_inside
def draw_blood(state: State, patients: Patients, clinic: ClinicSettings, chart: Chart, i: int) -> None:
    """Measure marker and allele fractions. Writes: chart.note, chart.alleles."""
    rules, note = clinic.rules[0], chart.note[i]
    key, tick = patients.person[i].key, state.host[i].tick
    deaths = 0.0
    for clone in range(state.shedding.shape[1]):
        deaths += state.shedding[i, clone]
    genomes = expected_genomes(deaths, rules.blood_volume)
    first, second = uniforms(key, tick, 0, MARKER, 0)
    if rules.circulating_dna:
        value = poisson(genomes, first) / rules.blood_volume
    else:
        cells = 0.0
        for lesion in range(state.organ.shape[1]):
            cells += imaged_cells(state, i, lesion)
        value = cells * rules.marker_per_cell
        if rules.marker_noise > 0.0:
            value *= math.exp(rules.marker_noise * normal_quantile(first))
    note.marker = min(MARKER_CEILING, max(rules.marker_limit, value))
    sequenced = min(rules.allele_depth, poisson(genomes, second)) if rules.allele_depth > 0.0 else 0.0
    note.sampled, note.sequenced = True, sequenced > 0.0
    for trait in range(chart.alleles.shape[1]):
        mutant = 0.0
        for clone in range(state.shedding.shape[1]):
            if clone & (1 << trait):
                mutant += state.shedding[i, clone]
        fraction = mutant / deaths if deaths > 0.0 else 0.0
        third, _ = uniforms(key, tick, trait, ALLELES, 0)
        chart.alleles[i, trait] = binomial(sequenced, fraction, third) / sequenced if sequenced > 0.0 else 0.0
