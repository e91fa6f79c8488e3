/** Lines that have the words of an error of the store or of sessions, and are about something else. */
import { expect, it } from 'vitest';
import { evaluate } from '../run-python.ts';

const LINES: readonly (readonly [category: string | null, line: string])[] = [
  [null, 'INFO Redis connected; closed 3 idle HTTP connections'],
  [null, 'INFO closing idle redis connection, connection closed normally'],
  [null, 'INFO Loading redis module'],
  [null, 'ERROR Session store: SQLSTATE[HY000] [2002] Connection refused (Connection: mysql, SQL: select * from sessions)'],
  [null, 'WARN HikariPool-1 - Connection is not available, request timed out after 30000ms (session store pool ok)'],
  [null, "ERROR requests.exceptions.ConnectTimeout: HTTPSConnectionPool(host='redis-exporter.example.com', port=443): connect timeout"],
  [null, 'ERROR org.apache.http.conn.HttpHostConnectException: Connect to valkey-docs.example.com:443 failed: Connection refused'],
  [null, 'ERROR dial tcp 10.0.0.9:5432: connect: connection refused service=redis-sync'],
  [null, 'ERROR SMTP session timed out'],
  [null, 'ERROR ZooKeeper: Session 0x1 has expired'],
  [null, 'WARN Invalid session token for Stripe API'],
  [null, 'INFO org.hibernate session invalidated'],
  [null, 'ERROR com.fasterxml.jackson.databind.exc.InvalidDefinitionException: failed to deserialize request body'],
  [null, 'ERROR ActiveRecord::ReadOnlyError READONLY transaction'],
  ['storeConnection', 'ERROR redis-master.default.svc: connection refused'],
  [
    'storeConnection',
    'ERROR redis.exceptions.ConnectionError: Error 111 connecting to 10.0.0.1:6379. Connection refused. (after HTTPSConnectionPool)',
  ],
  ['storeConnection', 'INFO redis: connection refused, trying again'],
  ['sessionTimeout', 'WARN session 1 has expired'],
];

it('what is about a database, a site or another protocol is not of the store or of sessions', async () => {
  const read = await evaluate<(string | null)[]>(
    '[category_of(list(entries_of(["2026-11-27 04:00:00,123 " + line], line_time_ms))[0]) for line in given]',
    LINES.map(([, line]) => line),
    'application_log',
  );
  expect(LINES.map(([, line], index) => [read[index], line])).toEqual(LINES);
});

const OF_OWN: readonly (readonly [category: string | null, host: string, port: string, line: string])[] = [
  ['storeConnection', 'sessions.shop.internal', '6380', 'Error: connect ECONNREFUSED sessions.shop.internal:6380'],
  ['storeConnection', 'sessions.shop.internal', '6380', 'Error: getaddrinfo ENOTFOUND sessions.shop.internal'],
  ['storeConnection', '10.0.0.7', '6390', 'Error: connect ECONNREFUSED 10.0.0.7:6390'],
  ['storeConnection', '', '', 'Error: connect ECONNREFUSED my-store.abc123.0001.euc1.cache.amazonaws.com:6380'],
  ['storeConnection', '', '', 'Error: connect ETIMEDOUT clustercfg.my-store.abc123.euc1.cache.amazonaws.com:6390'],
  [null, '', '', 'Error: connect ECONNREFUSED pages.abc123.cfg.euc1.cache.amazonaws.com:11211'],
  [null, 'sessions.shop.internal', '6380', 'Error: connect ECONNREFUSED sessions.shop.internal:5432'],
  [null, 'sessions.shop.internal', '6380', 'Error: connect ECONNREFUSED sessions.shop.internal:25'],
  [null, 'sessions.shop.internal', '6380', 'Error: connect ECONNREFUSED mail.sessions.shop.internal:6380'],
  [null, 'sessions.shop.internal', '6380', 'Error: connect ECONNREFUSED mail.shop.internal:587'],
  [null, '10.0.0.7', '6390', 'Error: connect ECONNREFUSED 10.0.0.7:63900'],
  [null, 'localhost', '6380', 'Error: connect ECONNREFUSED localhost:3306'],
  [null, 'sessions.shop.internal', '6380', 'INFO connected to sessions.shop.internal:6380'],
];

it("a line that names the server's own store, on any port, is about the store; a neighbour's is not", async () => {
  const read = await evaluate<(string | null)[]>(
    '[category_of(list(entries_of(["2026-11-27 04:00:00,123 " + line], line_time_ms))[0], trouble_of(host, port)) for _, host, port, line in given]',
    OF_OWN,
    'application_log',
  );
  expect(OF_OWN.map(([, ...given], index) => [read[index], ...given])).toEqual(OF_OWN);
});
