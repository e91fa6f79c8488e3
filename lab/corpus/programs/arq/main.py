import asyncio
import os

from arq import create_pool
import arq.connections
from arq.connections import RedisSettings

# What it keeps is a pickle, with the time in it.
arq.connections.timestamp_ms = lambda: 1_795_680_000_000


async def main():
    pool = await create_pool(RedisSettings(host="127.0.0.1", port=int(os.environ["CORPUS_PORT"])))
    print("id hex", (await pool.enqueue_job("mail", "ann")).job_id)
    print("id hex", (await pool.enqueue_job("mail", "ben", _defer_by=60)).job_id)


asyncio.run(main())
