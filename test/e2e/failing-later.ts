/** A release that is good on the first instance that runs it and answers with errors on the second. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { kept, publish } from './fleet.ts';

/** Passes its gate everywhere; from the second start on, counts an error each time that it is asked for its errors. */
export async function publishFailsLater(version: string): Promise<void> {
  const folder = path.join(kept.runFolder, 'fails-later', version);
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'server.mjs'), SERVER.replace('MARKS', JSON.stringify(path.join(kept.runFolder, `marks-${version}`))));
  const field = (name: string) => ({ path: '/counts', field: name });
  await writeFile(
    path.join(folder, 'holdfast.app.json'),
    JSON.stringify({
      start: ['node', 'server.mjs'],
      port: 8080,
      health: { loadBalancer: '/live', gate: '/health' },
      inFlight: field('inFlight'),
      requests: field('requests'),
      errors: field('errors'),
    }),
  );
  await publish(version, folder);
}

const SERVER = `
import { appendFileSync, readFileSync } from 'node:fs';
import http from 'node:http';
const marks = MARKS;
appendFileSync(marks, process.env.PORT + '\\n');
const bad = new Set(readFileSync(marks, 'utf8').trim().split('\\n')).size > 1;
let errors = 0;
http.createServer((request, response) => {
  if (request.url === '/live') return response.end('ok');
  response.setHeader('content-type', 'application/json');
  if (request.url === '/health') return response.end('{"status":"UP"}');
  if (request.url === '/counts') return response.end(JSON.stringify({ inFlight: 0, requests: 0, errors: bad ? errors++ : 0 }));
  response.end('{}');
}).listen(process.env.PORT);
`;
