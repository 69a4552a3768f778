"""``python -m drkf.cli``, which ``accelerate launch -m`` can start."""

import sys

from drkf.cli import main

sys.exit(main())
