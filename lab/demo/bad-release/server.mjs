/** The program of a bad release: it listens, and answers every check with 503. */
import { createServer } from 'node:http';

const WHY = 'PRICES_URL is not set, so that no price can be shown';
console.error(`the shop cannot serve: ${WHY}`);
for (const port of [process.env.PORT, process.env.STATUS_PORT])
  if (port)
    createServer((_request, response) =>
      response.writeHead(503, { 'content-type': 'application/json' }).end(JSON.stringify({ status: 'DOWN', why: WHY })),
    ).listen(Number(port), process.env.HOST || undefined);
