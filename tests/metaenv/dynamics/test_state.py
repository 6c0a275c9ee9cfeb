"""Records for the kernel: every field gets a value, by name."""

import numpy as np
import pytest

import metaenv
from metaenv.dynamics.state import filled
from metaenv.scenario import biology, clinic_settings

PULSE = np.dtype([("dose", "f8"), ("drug", "i8"), ("given", "?")])


def test_each_mapping_is_a_record_whatever_the_order_of_its_names():
    array = filled(PULSE, {"drug": 2, "given": True, "dose": 0.5}, {"dose": 1.0, "drug": 0, "given": False})
    assert array.dose.tolist() == [0.5, 1.0]
    assert array.drug.tolist() == [2, 0]
    assert array[0].given and not array[1].given


def test_no_mapping_is_no_record():
    assert filled(PULSE).shape == (0,)


def test_a_field_without_a_value_is_named():
    with pytest.raises(ValueError, match=r"missing \['given'\], unknown \[\]"):
        filled(PULSE, {"dose": 0.5, "drug": 2})


def test_a_value_without_a_field_is_named():
    with pytest.raises(ValueError, match=r"missing \[\], unknown \['cycle'\]"):
        filled(PULSE, {"dose": 0.5, "drug": 2, "given": False, "cycle": 21.0})


@pytest.mark.parametrize(
    ("module", "name", "build"),
    [
        (biology, "SETTINGS", biology.build_biology),
        (biology, "ORGAN", biology.build_biology),
        (biology, "DRUG", biology.build_biology),
        (clinic_settings, "RULES", clinic_settings.build_clinic),
    ],
)
def test_a_new_field_of_the_kernel_is_not_silently_zero(module, name, build, monkeypatch):
    monkeypatch.setattr(module, name, np.dtype([*getattr(module, name).descr, ("forgotten", "f8")]))
    with pytest.raises(ValueError, match=r"missing \['forgotten'\]"):
        build(metaenv.make_scenario("prostate"))
