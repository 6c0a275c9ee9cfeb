"""What `metaenv_agents` offers at its top: every name is there, and none costs anything before it is used."""

import subprocess
import sys

import pytest

import metaenv_agents
from metaenv_agents.policy import Clinic
from metaenv_agents.rules import RULES
from metaenv_agents.saved_policies import load


def test_every_name_is_listed_and_there():
    assert set(metaenv_agents.__all__) <= set(dir(metaenv_agents))
    for name in metaenv_agents.__all__:
        assert getattr(metaenv_agents, name) is not None
    assert metaenv_agents.RULES is RULES and metaenv_agents.Clinic is Clinic and metaenv_agents.load is load
    assert metaenv_agents.rules.RULES is RULES


def test_an_unknown_name_lists_the_known():
    with pytest.raises(AttributeError, match=r"no attribute 'lode'; it exports .*'load'"):
        _ = metaenv_agents.lode


def test_the_bare_import_is_light_and_policies_need_no_network_library():
    code = """
import sys
import metaenv_agents
heavy = ("torch", "stable_baselines3", "sb3_contrib", "numba", "safetensors")
print([name for name in heavy if name in sys.modules])
metaenv_agents.load("prostate/ppo"), sorted(metaenv_agents.RULES), metaenv_agents.pretrained()
print([name for name in heavy[:3] if name in sys.modules])
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["[]", "[]"]
