"""What figures say, in English."""

from drkf.figures.wording import ENGLISH

WORDING = ENGLISH
