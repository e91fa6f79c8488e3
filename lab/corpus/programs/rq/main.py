import os

from redis import Redis
from rq import Queue, SimpleWorker

redis = Redis(port=int(os.environ["CORPUS_PORT"]))
queue = Queue("mail", connection=redis)
ids = [f"3f1c8a52-7d4e-4b6a-9c21-0e5f7a8b9c0{at}" for at in range(3)]
queue.enqueue("time.sleep", 0, job_id=ids[0], result_ttl=600)
SimpleWorker([queue], connection=redis, name="worker").work(burst=True)
queue.enqueue("time.sleep", 0, job_id=ids[1])
queue.enqueue("no.such.function", job_id=ids[2])
# It names its machine and its process.
redis.delete("rq:worker:worker")
for key in sorted(redis.scan_iter("rq:job:*")):
    for field in ("data", "result"):
        value = redis.hget(key, field)
        if value:
            print("id bytes", value.hex())
