"""A real Dask cluster of two processes, one of which is killed in the middle of its work."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

__all__ = ["failing_cluster"]


@contextmanager
def failing_cluster(task: str) -> Iterator[list[int]]:
    """Make a cluster whose busy worker is killed once a task whose name holds a text is done.

    Yields:
        The process that was killed, when it was; it is checked that there was one, and that the
        cluster has gone on without it.
    """
    distributed: Any = pytest.importorskip("distributed")
    killed: list[int] = []

    class Killer(distributed.SchedulerPlugin):  # type: ignore[misc]
        """Kills a worker in the middle of a task, once another one is done."""

        def transition(self, key: object, start: str, finish: str, *rest: Any, **more: Any) -> None:
            if finish == "memory" and task in str(key) and not killed:
                workers = cluster.scheduler.workers.values()
                busy = [worker.address for worker in workers if worker.processing]
                if busy:
                    killed.append(pids[busy[0]])
                    os.kill(pids[busy[0]], signal.SIGKILL)

    options = {"threads_per_worker": 1, "dashboard_address": ":0", "silence_logs": 60}
    with (
        distributed.LocalCluster(n_workers=2, processes=True, **options) as cluster,
        distributed.Client(cluster) as client,
    ):
        pids = client.run(os.getpid)
        cluster.scheduler.add_plugin(Killer())
        yield killed
        assert len(killed) == 1
        assert killed[0] not in client.run(os.getpid).values()
