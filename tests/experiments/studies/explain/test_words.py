"""What the words say is what was done."""

from dataclasses import replace

import numpy as np

from metaenv_agents.decision_tree import Questions
from metaenv_experiments.studies.explain.tree import grow
from metaenv_experiments.studies.explain.words import describe, in_words


def test_shares_of_visits_add_up_however_answers_are_joined(at50, clinic):
    tree = grow(Questions(clinic=clinic), [at50])
    lines = in_words(tree, at50, clinic)
    shares = [int(line.split("(")[-1].split(" %")[0]) for line in lines if "% of visits" in line]
    assert abs(sum(shares) - 100) <= len(shares)
    everywhere = replace(tree, actions=np.tile([2, 0, 0], (len(tree.question), 1)))
    assert in_words(everywhere, at50, clinic) == ["give a full dose of abiraterone (100 % of visits)"]


def test_words_say_when_it_stops_and_begins_again(at50, clinic):
    said = describe(at50, clinic)
    line = next(line for line in said if line.startswith("abiraterone"))
    stopped, begun = (float(part.split("marker at ")[1].split(" ")[0]) for part in line.split(";")[1:])
    assert stopped < 0.5 <= 1.0 <= begun
    assert "It never gives docetaxel." in said and "It never does a procedure." in said


def test_nothing_is_said_of_procedures_where_drugs_alone_are_offered(at50, clinic):
    said = describe(at50, replace(clinic, local_therapy=False))
    assert "It never gives docetaxel." in said and not any("procedure" in line for line in said)
