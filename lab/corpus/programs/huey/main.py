import os

from huey import RedisHuey

huey = RedisHuey("shop", host="127.0.0.1", port=int(os.environ["CORPUS_PORT"]))


@huey.task()
def add(number):
    return number


print("id uuid", add(1).id)
huey.put("session:front-page", {"a": 1})
