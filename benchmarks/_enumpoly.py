"""Gambit's polynomial systems of all supports, in a process of its own that has a time limit."""

from __future__ import annotations

import multiprocessing
import time
import warnings
from multiprocessing.connection import Connection

import numpy as np

PATIENCE = 60.0  # seconds to start the process


def serve(pipe: Connection) -> None:
    """Solves the games that come through the pipe until None comes."""
    import pygambit as gbt

    warnings.simplefilter("ignore")
    pipe.send(None)
    while (u := pipe.recv()) is not None:
        game = gbt.StrategicGame.from_arrays(*np.moveaxis(u, -1, 0))
        start = time.perf_counter()
        try:
            found = gbt.nash.enumpoly_solve(game).equilibria
        except Exception as error:  # a peer may raise anything
            pipe.send(str(error))
            continue
        seconds = time.perf_counter() - start
        profiles = [np.array([float(x) for p in game.players for _, x in e[p]]) for e in found]
        pipe.send((seconds, profiles))


class Enumpoly:
    """Calls ``enumpoly_solve``; a call that is not over after ``limit`` seconds is ended."""

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.start()

    def start(self) -> None:
        """A new process."""
        context = multiprocessing.get_context("spawn")
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=serve, args=(other,), daemon=True)
        self.process.start()
        if not self.pipe.poll(PATIENCE):
            raise RuntimeError("pygambit: the process does not start")
        self.pipe.recv()

    def __call__(self, u: np.ndarray) -> tuple[float, list[np.ndarray]] | None:
        """Seconds and profiles, the mixtures end to end; None if the time is up or it fails."""
        self.pipe.send(u)
        if not self.pipe.poll(self.limit):
            self.process.kill()
            self.process.join()
            self.start()
            return None
        answer = self.pipe.recv()
        return None if isinstance(answer, str) else answer

    def close(self) -> None:
        """Ends the process."""
        self.pipe.send(None)
        self.process.join()
