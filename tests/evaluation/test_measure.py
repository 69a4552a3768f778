"""A table of figures beside chance and the best."""

from drkf.evaluation.measure import Measure, measure_table


def test_the_table():
    told = measure_table([Measure("words", 80, 0.974, 0.2, 1.0), Measure("stable", 9, 0.5)])
    assert "| words | 80 | 0.97 | 0.20 | 1.00 |" in told
    assert "| stable | 9 | 0.50 | – | – |" in told
