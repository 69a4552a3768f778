"""``python -m drkf`` is the ``drkf`` command."""

import sys

from drkf.cli import main

sys.exit(main())
