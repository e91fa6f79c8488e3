/** A release that is good on the first instances that run it and fails on the next. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * @param marks file that the servers leave their mark in
 * @param how `errors`: it passes its readiness check everywhere, and on the second counts an error each time that it is asked for its errors;
 *   `crash`: on the second it ends as soon as it is started
 * @param goodServers instances that it is good on; 0: on none
 * @returns the folder
 */
export async function writeFailsLater(folder: string, marks: string, how: 'errors' | 'crash', goodServers = 1): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(
    path.join(folder, 'server.mjs'),
    SERVER.replace('MARKS', JSON.stringify(marks)).replace('HOW', how).replace('GOOD', String(goodServers)),
  );
  const field = (name: string) => ({ path: '/counts', field: name });
  await writeFile(
    path.join(folder, 'holdfast.app.json'),
    JSON.stringify({
      start: ['node', 'server.mjs'],
      port: 8080,
      health: { loadBalancer: '/live', ready: '/health' },
      inFlight: field('inFlight'),
      requests: field('requests'),
      errors: field('errors'),
    }),
  );
  return folder;
}

const SERVER = `
import { appendFileSync, readFileSync } from 'node:fs';
import http from 'node:http';
const marks = MARKS;
appendFileSync(marks, process.env.PORT + '\\n');
const bad = new Set(readFileSync(marks, 'utf8').trim().split('\\n')).size > GOOD;
if (bad && 'HOW' === 'crash') process.exit(1);
let errors = 0;
http.createServer((request, response) => {
  if (request.url === '/live') return response.end('ok');
  response.setHeader('content-type', 'application/json');
  if (request.url === '/health') return response.end('{"status":"UP"}');
  if (request.url === '/counts') return response.end(JSON.stringify({ inFlight: 0, requests: 0, errors: bad ? errors++ : 0 }));
  response.end('{}');
}).listen(process.env.PORT);
`;
