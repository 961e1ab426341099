"""Clocks."""

import statistics
import time


def repeat(call, repeats):
    """Pairs of seconds, of processor and of wall time."""
    runs = []
    for _ in range(repeats):
        processor, wall = time.process_time(), time.perf_counter()
        call()
        runs.append((time.process_time() - processor, time.perf_counter() - wall))
    return runs


def rates(runs, images):
    """Images a second, from the runs' median seconds."""
    processor, wall = (statistics.median(column) for column in zip(*runs))
    return {"processor": images / processor, "wall": images / wall}
