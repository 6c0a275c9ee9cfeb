"""What an environment simulates, by name, and how it is composed.

scenario         a disease with its drugs, calendar, mechanisms and reward
make             from names and numbers to a scenario
shift, variation other populations, other numbers
compatibility    whether what a drug says of traits, organs and toxicities fits a disease
biology, clinic_settings   a scenario as the constant arrays that compiled functions read
"""

from metaenv.scenario.make import make_scenario
from metaenv.scenario.scenario import Scenario

__all__ = ["Scenario", "make_scenario"]
