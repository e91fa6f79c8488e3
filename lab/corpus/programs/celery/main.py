import json
import os

import celery.app.amqp
from celery import Celery
from redis import Redis

port = os.environ["CORPUS_PORT"]
url = f"redis://127.0.0.1:{port}/0"
app = Celery("corpus", broker=url, backend=url)
# Instead of the process and the machine.
celery.app.amqp.anon_nodename = lambda: "gen@corpus"


@app.task(name="add")
def add(one, other):
    return one + other


ids = [f"3f1c8a52-7d4e-4b6a-9c21-0e5f7a8b9c0{at}" for at in range(3)]
app.backend.store_result(ids[0], 3, "SUCCESS")
app.backend.store_result(ids[1], ValueError("no"), "FAILURE")
add.apply_async((1, 2), task_id=ids[2])
properties = json.loads(Redis(port=int(port)).lindex("celery", 0))["properties"]
print("id uuid", properties["delivery_tag"])
print("id uuid", properties["reply_to"])
