"""What the clinic's whole numbers stand for: each is an index in a tuple of words."""

DOSE_LEVELS = ("none", "half", "full")  # of the full dose of a drug, equal steps
LEVELS = len(DOSE_LEVELS)

PROCEDURES = ("none", "resection", "radiotherapy")  # local therapy of one lesion
NO_PROCEDURE, RESECTION, RADIOTHERAPY = range(3)

RESPONSES = ("CR", "PR", "SD", "PD")  # RECIST 1.1
COMPLETE, PARTIAL, STABLE, PROGRESSIVE = range(4)

OBJECTIVES = ("quality", "survival", "control")
QUALITY, SURVIVAL, CONTROL = range(3)

COMPONENTS = ("life", "symptoms", "treatment", "toxicity", "procedure")  # of the reward
LIFE, SYMPTOMS, TREATMENT, TOXICITY, PROCEDURE_LOSS = range(5)
