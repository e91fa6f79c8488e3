"""Seam: an execution environment that no invocation has used for a while ends, as on AWS, and more than a few idle ones end at once.

MiniStack keeps one warm environment of each function version for good, counts the others' idle time from the start of their
last invocation, and checks every 30 seconds. Each environment is a process of some 70 MB. Lambda ends idle ones without
notice: without extensions, the process gets SIGKILL and no SIGTERM.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-shutdown
"""

import threading
import time

from seam import need

# An environment ends at most a second, or a quarter of its idle time, late.
_LATEST_POLL_SECONDS = 1.0


def open_seam(lambda_svc, lambda_runtime, idle_seconds: float, most_idle: int) -> None:
    need(lambda_svc, "reap_idle_workers")
    release = need(lambda_svc, "release_worker")
    workers = need(lambda_runtime, "_workers")
    lock = need(lambda_runtime, "_lock")
    kill = need(lambda_runtime, "kill_workers")

    released = threading.Event()

    def release_worker(worker):
        if worker is not None:
            # MiniStack sets it when an invocation begins; the invocation itself is not idle time.
            worker.last_used = time.time()
        release(worker)
        # The next poll ends what is too many: an invocation does not wait for it.
        released.set()

    def end_idle(ttl=None) -> int:
        idle_since = time.time() - (idle_seconds if ttl is None else ttl)
        with lock:
            idle = [worker for pool in workers.values() for worker in pool if not worker.in_use]
            idle.sort(key=lambda worker: worker.last_used, reverse=True)
            ended = [worker for place, worker in enumerate(idle) if place >= most_idle or worker.last_used < idle_since]
            for key, pool in list(workers.items()):
                workers[key] = [worker for worker in pool if worker not in ended]
                if not workers[key]:
                    del workers[key]
        for worker in ended:
            # MiniStack would send SIGTERM, which a function on AWS never gets.
            if worker._proc is not None:
                worker._proc.kill()
        kill(ended)
        return len(ended)

    def poll():
        while True:
            released.wait(min(_LATEST_POLL_SECONDS, idle_seconds / 4))
            released.clear()
            end_idle()

    lambda_svc.release_worker = release_worker
    lambda_svc.reap_idle_workers = end_idle
    threading.Thread(target=poll, daemon=True, name="idle-environments").start()
