"""`python -m pixelrnn.train`, in each worker that torchrun starts."""

import sys

from .. import Error
from .arguments import parse
from .checkpoint import CheckpointError
from .training import Diverged, Training
from .workers import Workers


def main() -> int:
    """Trains; gives the exit code."""
    settings = parse()
    with Workers(settings.device) as workers:
        try:
            Training(settings, workers).run()
        except (CheckpointError, Diverged, Error, OSError) as error:
            if workers.is_first:
                print(f"error: {error}", file=sys.stderr, flush=True)
            return 1
    return 0


sys.exit(main())
