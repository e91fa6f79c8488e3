/** A person or a program with a browser's cookies, who notices a lost session by a 401 and logs in anew. */
import { CookieJar } from '../../traffic/cookie-jar.ts';
import type { Sender, UserAnswer, UserRequest } from '../../traffic/http-client.ts';

export interface VisitorOptions {
  readonly sender: Pick<Sender, 'send'>;
  readonly secure: boolean;
  /** Its user agent. @default a browser's */
  readonly agent?: string;
  /** The load balancer's own cookies are not kept. @default false */
  readonly dropsBalancerCookies?: boolean;
}

const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
const OTHER_SITE = 'https://pay.example.com/done';

export class Visitor {
  readonly #name: string;
  readonly #options: VisitorOptions;
  readonly #jar: CookieJar;
  #loggedIn = false;

  constructor(name: string, options: VisitorOptions) {
    this.#name = name;
    this.#options = options;
    this.#jar = new CookieJar(options.secure);
  }

  /** Requests the page as somebody without any cookie. */
  async look(): Promise<void> {
    await this.#send({ method: 'GET', path: '/' }, { cookies: false });
  }

  /** Uses the session; without one, or after its loss, logs in. */
  async comeBack(): Promise<void> {
    if (this.#loggedIn && (await this.#send({ method: 'GET', path: '/count' })) !== 401) return;
    await this.#logIn();
  }

  /** Logs in, and comes by a link of another site: SameSite=Strict keeps the cookie out of that request. */
  async returnFromOtherSite(): Promise<void> {
    if (!this.#loggedIn) await this.#logIn();
    await this.#send({ method: 'GET', path: '/count' }, { cookies: false, referer: OTHER_SITE });
  }

  async #logIn(): Promise<void> {
    const status = await this.#send({ method: 'POST', path: '/login', body: JSON.stringify({ user: this.#name }) });
    this.#loggedIn = status === 200;
  }

  /** @returns the status; undefined when no answer came */
  async #send(
    request: UserRequest,
    { cookies = true, referer }: { cookies?: boolean; referer?: string } = {},
  ): Promise<number | undefined> {
    const { sender, agent = BROWSER, dropsBalancerCookies = false } = this.#options;
    const cookie = cookies ? this.#jar.header(Date.now()) : undefined;
    const headers = { 'user-agent': agent, ...(referer && { referer, 'sec-fetch-site': 'cross-site' }) };
    const { answer, setCookie }: UserAnswer = await sender.send({ ...request, headers, ...(cookie && { cookie }) });
    const kept = dropsBalancerCookies ? setCookie.filter((line) => !line.startsWith('AWSALB')) : setCookie;
    if (cookies) this.#jar.store(kept, Date.now());
    return answer.kind === 'answered' ? answer.status : undefined;
  }
}
