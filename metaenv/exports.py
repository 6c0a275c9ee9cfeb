"""The public names of `metaenv`, each listed here alone; `metaenv` loads them on first use."""

from metaenv.clinic.codes import COMPONENTS as COMPONENTS
from metaenv.clinic.codes import PROCEDURES as PROCEDURES
from metaenv.clinic.codes import RESPONSES as RESPONSES
from metaenv.diseases import DISEASES as DISEASES
from metaenv.diseases import MECHANISMS as MECHANISMS
from metaenv.diseases import Disease as Disease
from metaenv.drugs import DRUGS as DRUGS
from metaenv.drugs import Drug as Drug
from metaenv.dynamics.state import CAUSES as CAUSES
from metaenv.env import MetastasisEnv as MetastasisEnv
from metaenv.observation import Layout as Layout
from metaenv.population.cohorts import COHORTS as COHORTS
from metaenv.registration import REGISTERED as REGISTERED
from metaenv.registration import register as register
from metaenv.reward_settings import Reward as Reward
from metaenv.scenario import Scenario as Scenario
from metaenv.scenario import make_scenario as make_scenario
from metaenv.vector import MetastasisVectorEnv as MetastasisVectorEnv
