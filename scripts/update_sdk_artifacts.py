"""Stage, build, prove and publish the wheels of this repository: `python scripts/update_sdk_artifacts.py --help`."""

import sys

from sdk_artifacts.cli import main

sys.exit(main())
