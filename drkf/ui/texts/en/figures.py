"""What figures say, in English."""

from drkf.figures.wording import Wording

WORDING = Wording()
