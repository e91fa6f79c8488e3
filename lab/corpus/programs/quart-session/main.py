import asyncio
import os

from quart import Quart, session
from quart_session import Session

app = Quart("corpus")
app.config.update(SESSION_TYPE="redis", SESSION_URI=f"redis://127.0.0.1:{os.environ['CORPUS_PORT']}")
Session(app)


@app.get("/login")
async def login():
    session["user"] = "ann"
    return "ok"


@app.get("/use")
async def use():
    session["visits"] = session.get("visits", 0) + 1
    return "ok"


async def main():
    async with app.test_app() as running:
        client = running.test_client()
        answer = await client.get("/login")
        print("id uuid", answer.headers["set-cookie"].split(";")[0].split("=")[1])
        await client.get("/use")


asyncio.run(main())
