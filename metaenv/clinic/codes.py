"""What the clinic's whole numbers stand for: each is an index in a tuple of words."""

from metaenv.dynamics.state import DAYS_PER_YEAR as DAYS_PER_YEAR

DOSE_LEVELS = (0.0, 0.5, 1.0)  # none, half, full: fractions of the full dose of a drug, equal steps
LEVELS = len(DOSE_LEVELS)
FULL_DOSE = LEVELS - 1  # level of the full dose

PROCEDURES = ("none", "resection", "radiotherapy")  # local therapy of one lesion
NO_PROCEDURE, RESECTION, RADIOTHERAPY = range(3)

RESPONSES = ("CR", "PR", "SD", "PD")  # RECIST 1.1
COMPLETE, PARTIAL, STABLE, PROGRESSIVE = range(4)

OBJECTIVES = ("quality", "survival", "control")
QUALITY, SURVIVAL, CONTROL = range(3)

COMPONENTS = ("life", "symptoms", "treatment", "toxicity", "procedure")  # of the reward
LIFE, SYMPTOMS, TREATMENT, TOXICITY, PROCEDURE_LOSS = range(5)
