"""Three predictions that figures are drawn of."""

from drkf.analysis import Prediction
from drkf.labels import EMOTIONS


def prediction(*probabilities: float) -> Prediction:
    return Prediction(EMOTIONS, probabilities)


FUSED = prediction(0.43, 0.02, 0.07, 0.26, 0.02, 0.03, 0.17)
VOICE = prediction(0.80, 0.02, 0.03, 0.05, 0.05, 0.03, 0.02)
WORDS = prediction(0.01, 0.01, 0.02, 0.10, 0.80, 0.03, 0.03)
