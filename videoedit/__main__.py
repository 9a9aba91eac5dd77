"""`python -m videoedit`."""

import sys

from videoedit.cli import main

sys.exit(main())
