"""Imports the package whole: a module that pytest is given as a file is then no second copy."""

import gametheory  # noqa: F401
