/** Chromium in front of a site that is served on this machine by plain HTTP, as behind a load balancer. */
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { createCertificateAuthority } from '#local-aws/tls/authority.ts';
import { ensureBrowser } from '../../../setup/set-up.mjs';
import type { CookieAnswer, GivenAnswer, KeptCookie } from './recorded-cookies.ts';
import { SITE } from './recorded-cookies.ts';

/** A page of the front's own, from which the others are asked for. */
const BLANK = '/its-own-blank-page';
const HOST = new URL(SITE).host;

/** A cookie as Chromium's own protocol has it. */
interface ChromiumCookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  readonly domain: string;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  readonly sameSite?: 'Strict' | 'Lax' | 'None';
  /** Seconds since the epoch; -1 for one that ends with the browser. */
  readonly expires: number;
  readonly partitionKey?: unknown;
}

type Asked = Pick<CookieAnswer, 'status' | 'sent' | 'date' | 'setCookie'>;
/** What stands behind the front: an answer to a request. */
type Behind = (incoming: IncomingMessage, outgoing: ServerResponse, saw: (asked: Asked) => void) => void;

/** Passes requests on as a load balancer that ends TLS. */
export const proxyTo =
  (port: number): Behind =>
  (incoming, outgoing, saw) => {
    const headers = { ...incoming.headers, 'x-forwarded-proto': 'https', 'x-forwarded-port': '443', 'x-forwarded-for': '203.0.113.7' };
    const passed = request({ host: '127.0.0.1', port, method: incoming.method, path: incoming.url, headers }, (response) => {
      const { statusCode = 0, headersDistinct } = response;
      saw({
        status: statusCode,
        date: headersDistinct['date']?.[0] ?? new Date().toUTCString(),
        setCookie: response.headers['set-cookie'] ?? [],
      });
      outgoing.writeHead(statusCode, response.headers);
      response.pipe(outgoing);
    });
    passed.once('error', () => outgoing.writeHead(502).end());
    incoming.pipe(passed);
  };

/** Gives these headers, an answer each, in their order. @param noteSent whether what the browser sends is noted too */
export const replay = (answers: readonly GivenAnswer[], noteSent = false): Behind => {
  const left = [...answers];
  return ({ headers }, outgoing, saw) => {
    const answer = left.shift();
    if (answer === undefined) return void outgoing.writeHead(404).end();
    const date = new Date().toUTCString();
    const { status = 200, setCookie } = answer;
    saw({ status, ...(noteSent && { sent: headers.cookie ?? '' }), date, setCookie });
    // A browser asks again whether it has changed.
    outgoing.writeHead(status, { date, etag: '"shop"', 'cache-control': 'no-cache', 'set-cookie': [...setCookie] }).end();
  };
};

/** One browser for all sites; each visit is a profile of its own. */
export class Chromium {
  readonly version: string;
  readonly #browser: Browser;
  readonly #front: Server;
  #behind: Behind = (_, outgoing) => void outgoing.writeHead(404).end();
  #asked: Asked | undefined;

  private constructor(browser: Browser, front: Server) {
    this.version = `Chromium ${browser.version()}`;
    this.#browser = browser;
    this.#front = front;
    front.on('request', (incoming: IncomingMessage, outgoing: ServerResponse) => {
      if (incoming.url === BLANK || incoming.url === '/favicon.ico')
        return void outgoing.writeHead(200, { 'content-type': 'text/html' }).end();
      this.#behind(incoming, outgoing, (asked) => {
        this.#asked = asked;
      });
    });
  }

  static async open(): Promise<Chromium> {
    const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-cookies-'));
    const { cert, key } = await (await createCertificateAuthority(folder)).issue([HOST]);
    const publicKey = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' });
    rmSync(folder, { recursive: true });
    const front = createServer({ cert, key });
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
    const { port } = front.address() as AddressInfo;
    const browser = await chromium.launch({
      executablePath: await ensureBrowser(),
      chromiumSandbox: process.getuid?.() !== 0,
      args: [
        `--host-resolver-rules=MAP ${HOST}:443 127.0.0.1:${port}`,
        // A site whose certificate is wrong has no cache, and nothing there is ever unchanged.
        `--ignore-certificate-errors-spki-list=${createHash('sha256').update(publicKey).digest('base64')}`,
      ],
    });
    return new Chromium(browser, front);
  }

  async close(): Promise<void> {
    await this.#browser.close();
    this.#front.closeAllConnections();
    this.#front.close();
  }

  /** One browser's answers to requests that follow no redirect, with a pause before each but the first. */
  async visit(behind: Behind, steps: readonly string[], pauseMs: number): Promise<readonly CookieAnswer[]> {
    this.#behind = behind;
    const context = await this.#browser.newContext();
    try {
      const page = await context.newPage();
      await page.goto(`${SITE}${BLANK}`);
      const answers: CookieAnswer[] = [];
      for (const step of steps) {
        if (answers.length > 0) await page.waitForTimeout(pauseMs);
        answers.push(await this.#ask(context, page, step));
      }
      return answers;
    } finally {
      await context.close();
    }
  }

  async #ask(context: BrowserContext, page: Page, step: string): Promise<CookieAnswer> {
    const [method = 'GET', to = '/'] = step.split(' ');
    this.#asked = undefined;
    const init = {
      method,
      redirect: 'manual',
      ...(method === 'POST' && { body: 'user=ann', headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
    };
    await page.evaluate(`fetch(${JSON.stringify(to)}, ${JSON.stringify(init)}).then((answer) => answer.text())`);
    if (this.#asked === undefined) throw new Error(`${step} reached no server.`);
    const asked: Asked = this.#asked;
    const session = await context.newCDPSession(page);
    const { cookies } = (await session.send('Network.getAllCookies')) as { cookies: readonly ChromiumCookie[] };
    await session.detach();
    return { request: step, ...asked, has: cookies.map((cookie) => keptCookie(cookie, Date.parse(asked.date))).sort(byPlace) };
  }
}

const byPlace = (one: KeptCookie, other: KeptCookie): number =>
  `${one.name} ${one.path} ${one.domain}`.localeCompare(`${other.name} ${other.path} ${other.domain}`, 'en');

const keptCookie = (
  { name, value, path: at, domain, secure, httpOnly, sameSite, expires, partitionKey }: ChromiumCookie,
  atMs: number,
): KeptCookie => ({
  name,
  value,
  path: at,
  ...(domain.startsWith('.') && { domain: domain.slice(1) }),
  secure,
  httpOnly,
  sameSite: sameSite ?? null,
  lifetimeSeconds: expires < 0 ? null : Math.round(expires - atMs / 1_000),
  ...(partitionKey !== undefined && { partitioned: true as const }),
});
