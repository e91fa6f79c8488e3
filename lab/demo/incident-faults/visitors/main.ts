/** The visitors' process: `node lab/demo/incident-faults/visitors/main.ts VISIT URL CA-FILE`, until SIGTERM. */
import { setTimeout as sleep } from 'node:timers/promises';
import { httpSender } from '../../traffic/http-client.ts';
import type { Visit } from '../contract.ts';
import { Visitor, type VisitorOptions } from './visitor.ts';

const [visit, url = '', caFile = ''] = process.argv.slice(2) as [Visit, string?, string?];
const sender = httpSender({ url, ...(caFile && { caFile }), connections: 16, requestTimeoutMs: 10_000 });
const secure = url.startsWith('https:');
const newVisitor = (number: number, more: Partial<VisitorOptions> = {}) => new Visitor(`${visit}-${number}`, { sender, secure, ...more });

const BOT = 'Mozilla/5.0 (compatible; ExampleBot/1.0; +https://example.com/bot)';
const USERS = 24;
const LANES = 4;
const between = (low: number, high: number): number => low + Math.random() * (high - low);

const comingBack = (options: Partial<VisitorOptions> = {}) =>
  Promise.all(
    Array.from({ length: USERS }, async (_, number) => {
      const visitor = newVisitor(number, options);
      for (;;) {
        await visitor.comeBack();
        await sleep(between(200, 2_000));
      }
    }),
  );

/** Each user for ever: in one process, since they mostly wait. */
const VISITS: Readonly<Record<Visit, () => Promise<unknown>>> = {
  'pausing-users': () =>
    Promise.all(
      Array.from({ length: USERS }, async (_, number) => {
        const visitor = newVisitor(number);
        // Spread over a minute, and from then on by their own pauses.
        await sleep(between(0, 5_000));
        for (;;) {
          await visitor.comeBack();
          await sleep(between(35_000, 60_000));
        }
      }),
    ),
  bot: async () => {
    for (let number = 0; ; number += 1) {
      await newVisitor(number, { agent: BOT }).look();
      await sleep(50);
    }
  },
  // Several at a time: the rise must not depend on how fast the servers of a busy machine answer.
  'more-users': () =>
    Promise.all(
      Array.from({ length: LANES }, async (_, lane) => {
        for (let number = lane; ; number += LANES) {
          await newVisitor(number).comeBack();
          await sleep(LANES * 40);
        }
      }),
    ),
  'active-users': () => comingBack(),
  'without-balancer-cookie': () => comingBack({ dropsBalancerCookies: true }),
  'by-http': () => comingBack(),
  'from-other-site': async () => {
    for (let number = 0; ; number += 1) {
      await newVisitor(number % USERS).returnFromOtherSite();
      await sleep(250);
    }
  },
};

process.once('SIGTERM', () => process.exit(0));
await VISITS[visit]();
