"""What the commands share."""

import argparse
from typing import TypeAlias

# argparse gives this type no public name.
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001
