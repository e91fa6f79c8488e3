/** `npm run bench:after-request`: what a request costs with sessionUpdates afterRequest, on two Tomcats with Redisson side by side. */
import { parseArgs } from 'node:util';
import { type Case, lineOf, type Round, summarize } from '../../../lab/bench/after-request/judge.ts';
import { progressLog, runBench } from '../../../lab/bench/run-bench.ts';
import { Browser, cartServers, exampleTomcat } from './cart-servers.ts';
import type { RunningTomcat } from './tomcat-releases.ts';

const HELP = `Usage: npm run bench:after-request -- [options]

Measure requests that read, or read and change, one session attribute of 1, 10 and 100 KB: a Tomcat with sessionUpdates "atOnce",
which does not write such a change, and one with "afterRequest", in turn in each round, at one store. It needs a JDK and Maven.

  --rounds N     an odd number of rounds (default 11)
  --requests N   requests of one measurement, one after the other (default 100)
  --json         print exactly one line on standard output: {"cases":[{"bytes","kind","atOnceMs","afterRequestMs","ratio"}]}
  --help

Exit codes: 0 measured, 1 not, 2 an option is wrong.
`;

const SIZES = [1_024, 10_240, 102_400];
/** A list of short texts: many small objects, as carts and forms have them. */
const PAGE = `<%@ page session="false" import="java.util.*" %><%
  HttpSession session = request.getSession(true);
  String bytes = request.getParameter("bytes");
  if (bytes != null) {
    List<String> made = new ArrayList<>();
    for (int at = 0; at < Integer.parseInt(bytes) / 32; at++) made.add(String.format("%029d", at));
    session.setAttribute("list", made);
  }
  List<String> list = (List<String>) session.getAttribute("list");
  if (request.getParameter("change") != null) list.set(0, String.format("%029d", System.nanoTime()));
  out.print(list.size());
%>`;

interface Options {
  readonly json: boolean;
  readonly rounds: number;
  readonly requests: number;
}

function parseOptions(args: string[]): Options | 'help' {
  const number = (value: string) => ({ type: 'string', default: value }) as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({ args, options: { json: flag, help: flag, rounds: number('11'), requests: number('100') } });
  if (values.help) return 'help';
  const whole = (name: 'rounds' | 'requests'): number => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 1 || value > 9_999)
      throw new TypeError(`--${name} ${JSON.stringify(values[name])} is not a whole number from 1 to 9999. Nothing was started.`);
    return value;
  };
  const rounds = whole('rounds');
  if (rounds % 2 === 0) throw new TypeError(`--rounds ${rounds} is not odd. Nothing was started.`);
  return { json: values.json, rounds, requests: whole('requests') };
}

async function measure(user: Browser, server: RunningTomcat, kind: Case['kind'], requests: number): Promise<number> {
  const begunMs = performance.now();
  for (let at = 0; at < requests; at += 1) {
    const answer = await user.ask(server, kind === 'change' ? { change: 'yes' } : {}, 'cost.jsp');
    if (!/^\d+$/.test(answer)) throw new Error(`the page answered ${JSON.stringify(answer.slice(0, 80))}`);
  }
  return (performance.now() - begunMs) / requests;
}

async function bench({ json, rounds, requests }: Options): Promise<number> {
  const log = progressLog(json);
  const servers = await cartServers(await exampleTomcat(), { 'cost.jsp': PAGE });
  try {
    const start = (sessionUpdates: 'atOnce' | 'afterRequest') => servers.start({ sessionUpdates, javaOptions: ['-Xmx256m'] });
    const [atOnce, afterRequest] = await Promise.all([start('atOnce'), start('afterRequest')]);
    const cases: Case[] = [];
    for (const bytes of SIZES) {
      for (const kind of ['read', 'change'] as const) {
        const [first, second] = [new Browser(), new Browser()];
        await Promise.all([
          first.ask(atOnce, { bytes: `${bytes}` }, 'cost.jsp'),
          second.ask(afterRequest, { bytes: `${bytes}` }, 'cost.jsp'),
        ]);
        const done: Round[] = [];
        // The first round warms both servers up.
        for (let round = 0; round <= rounds; round += 1) {
          const one = { atOnceMs: await measure(first, atOnce, kind, requests), afterRequestMs: 0 };
          done.push({ ...one, afterRequestMs: await measure(second, afterRequest, kind, requests) });
        }
        const found = summarize({ bytes, kind }, done.slice(1));
        cases.push(found);
        log(lineOf(found));
      }
    }
    if (json) process.stdout.write(`${JSON.stringify({ cases })}\n`);
    return 0;
  } finally {
    await servers.stop();
  }
}

await runBench(parseOptions, HELP, bench);
