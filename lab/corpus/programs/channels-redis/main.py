import asyncio
import os

from channels_redis.core import RedisChannelLayer


async def main():
    layer = RedisChannelLayer(hosts=[f"redis://127.0.0.1:{os.environ['CORPUS_PORT']}"])
    channel = await layer.new_channel()
    for part in channel.removeprefix("specific.").split("!"):
        print("id hex", part)
    await layer.group_add("room", channel)


asyncio.run(main())
