"""Imports the package whole: a module that pytest is given as a file is then no second copy.

A suite started in the background of a shell inherits an ignored Ctrl-C, and so would the programs
that the tests interrupt: it is made deaf no longer.
"""

import signal

import gametheory  # noqa: F401

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
