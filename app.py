"""Starts the DRKF demo, as Spaces and ``make demo`` do; ``drkf demo`` is the same."""

import sys

from drkf.cli.demo import serve

if __name__ == "__main__":
    sys.exit(serve())
