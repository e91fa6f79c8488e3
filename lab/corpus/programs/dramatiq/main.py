import os

import dramatiq
from dramatiq.brokers.redis import RedisBroker

dramatiq.set_broker(RedisBroker(host="127.0.0.1", port=int(os.environ["CORPUS_PORT"])))


@dramatiq.actor
def mail(name):
    pass


for message in [mail.send("ann"), mail.send_with_options(args=("ben",), delay=60_000)]:
    print("id uuid", message.message_id)
    print("id uuid", message.options["redis_message_id"])
print("id uuid", dramatiq.get_broker().broker_id)
