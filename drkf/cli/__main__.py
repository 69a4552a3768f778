"""``python -m drkf.cli``, as ``accelerate launch -m`` wants it."""

import sys

from drkf.cli import main

sys.exit(main())
