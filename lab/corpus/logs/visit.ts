/** Users of the shop that the recorded servers have: how they log in, work, and log out, each over its own connections. */
import { request } from 'node:http';

const AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'okhttp/4.12.0',
  'Shop/3.1 (iPhone; iOS 19.1) CFNetwork/1568 Darwin/24.0',
];

/** How users log in: the page, the request that does it, and the one that logs out. */
const WAYS = [
  { page: '/login', enter: 'POST /login', leave: 'POST /logout' },
  { page: '/users/sign_in', enter: 'POST /users/sign_in', leave: 'POST /users/sign_out' },
  { enter: 'POST /session', leave: 'DELETE /session' },
  { page: '/anmelden', enter: 'POST /anmelden', leave: 'POST /abmelden' },
  { page: '/auth/start', enter: 'GET /auth/cb?code=4f1c&state=9a', leave: 'GET /logout' },
] as const;

export class Visitor {
  readonly #way: (typeof WAYS)[number];
  readonly #agent: string;
  readonly #cookies = new Map<string, string>();
  /** Every value that a cookie had. */
  readonly values: string[] = [];
  readonly #number: number;

  constructor(number: number) {
    this.#number = number;
    this.#way = WAYS[number % WAYS.length] as (typeof WAYS)[number];
    this.#agent = AGENTS[number % AGENTS.length] as string;
  }

  /** @param what method and path @returns the status */
  send(port: number, what: string): Promise<number> {
    const [method = '', path = ''] = what.split(' ');
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { 'user-agent': this.#agent, ...(cookie && { cookie }), ...(method !== 'GET' && { 'content-length': '0' }) };
    return new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, method, path, agent: false, timeout: 20_000, headers }, (response) => {
        for (const each of response.headers['set-cookie'] ?? []) this.#keep(each);
        response.resume().once('end', () => resolve(response.statusCode ?? 0));
      })
        .once('error', reject)
        .end();
    });
  }

  #keep(header: string): void {
    const [pair = '', ...attributes] = header.split(/;\s*/);
    const [name = '', ...rest] = pair.split('=');
    const value = rest.join('=').replaceAll('"', '');
    const isRemoved = value === '' || attributes.some((each) => /^max-age=(?:0|-1)$|^expires=.*1970/i.test(each));
    if (isRemoved) return void this.#cookies.delete(name);
    this.#cookies.set(name, value);
    this.values.push(value);
  }

  async enter(port: number): Promise<void> {
    if (this.#number % 2 === 0) await this.send(port, 'GET /account');
    else await this.send(port, 'GET /');
    if ('page' in this.#way) await this.send(port, `GET ${this.#way.page}`);
    else await this.send(port, 'GET /api/me');
    await this.send(port, this.#way.enter);
    await this.send(port, this.#number % 5 === 2 ? 'GET /api/me' : 'GET /account');
  }

  async work(port: number): Promise<void> {
    for (const what of ['GET /app.css', 'GET /cart', 'POST /cart', 'GET /cart', `GET /orders/${4_000 + this.#number}`])
      await this.send(port, what);
  }

  /** What a user does whose session was lost in the meantime: goes on, is sent to the login, and logs in again. */
  async goOn(port: number): Promise<number> {
    const status = await this.send(port, this.#number % 3 === 1 ? 'POST /cart' : 'GET /orders/1');
    await this.send(port, 'GET /login');
    return status;
  }

  async again(port: number): Promise<void> {
    await this.send(port, 'POST /login');
    await this.send(port, 'GET /account');
  }

  async leave(port: number): Promise<void> {
    await this.send(port, this.#way.leave);
    if (this.#number % 4 === 0) await this.send(port, 'GET /');
  }
}
