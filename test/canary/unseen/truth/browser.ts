/** A browser by hand: requests, cookies and redirects, written for the truth alone. It shares no code with what it is to judge. */
import { request } from 'node:https';

export interface Cookie {
  readonly name: string;
  readonly value: string;
  /** As sent: `Path=/; HttpOnly`. */
  readonly attributes: string;
  readonly path: string;
}

export interface Answer {
  readonly url: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface Place {
  /** Without a slash at its end. */
  readonly origin: string;
  /** Certificate of the authority, as PEM. */
  readonly ca: string;
  /** Whatever was answered to any browser. */
  readonly answers: Answer[];
}

const MOST_REDIRECTS = 8;

export class Browser {
  private readonly place: Place;
  cookies: Cookie[] = [];
  constructor(place: Place, cookies: readonly Cookie[] = []) {
    this.place = place;
    this.cookies = [...cookies];
  }

  /** With these cookies, and no others of this one. */
  with(cookies: readonly Cookie[]): Browser {
    return new Browser(this.place, cookies);
  }

  /** One request. */
  async once(path: string, form?: Readonly<Record<string, string>>): Promise<Answer> {
    const url = new URL(path, this.place.origin);
    const body = form && new URLSearchParams(form).toString();
    const sent = this.cookies.filter((one) => url.pathname.startsWith(one.path)).map(({ name, value }) => `${name}=${value}`);
    const answer = await new Promise<Answer>((resolve, reject) => {
      const asked = request(url, {
        method: form ? 'POST' : 'GET',
        ca: this.place.ca,
        agent: false,
        timeout: 30_000,
        headers: {
          accept: 'text/html',
          'user-agent': 'Mozilla/5.0 truth',
          ...(sent.length > 0 && { cookie: sent.join('; ') }),
          ...(body !== undefined && {
            'content-type': 'application/x-www-form-urlencoded',
            'content-length': Buffer.byteLength(body),
            origin: this.place.origin,
            referer: url.href,
          }),
        },
      });
      asked.on('error', reject);
      asked.on('response', (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () =>
          resolve({ url: url.href, status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts).toString() }),
        );
      });
      asked.end(body);
    });
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) this.keep(line, url.pathname);
    this.place.answers.push(answer);
    return answer;
  }

  /** One request, and where it is redirected to. */
  async open(path: string, form?: Readonly<Record<string, string>>): Promise<Answer> {
    let answer = await this.once(path, form);
    for (let times = 0; times < MOST_REDIRECTS && answer.status >= 300 && answer.status < 400; times += 1)
      answer = await this.once(new URL(String(answer.headers['location']), answer.url).href);
    return answer;
  }

  private keep(line: string, requested: string): void {
    const [pair = '', ...rest] = line.split(';');
    const [name = '', ...values] = pair.split('=');
    const attributes = rest.map((one) => one.trim()).join('; ');
    const path = /(?:^|; )path=(\/[^;]*)/i.exec(attributes)?.[1] ?? (requested.slice(0, requested.lastIndexOf('/')) || '/');
    this.cookies = this.cookies.filter((one) => one.name !== name.trim() || one.path !== path);
    const maxAge = /max-age=(-?\d+)/i.exec(attributes)?.[1];
    const expires = /expires=([^;]+)/i.exec(attributes)?.[1];
    const isGone = maxAge === undefined ? expires !== undefined && Date.parse(expires) < Date.now() : Number(maxAge) <= 0;
    if (!isGone) this.cookies.push({ name: name.trim(), value: values.join('=').trim(), attributes, path });
  }
}

/** Value of an input in a page. */
export function inputOf({ body, url }: Answer, name: string): string {
  const tag = [...body.matchAll(/<input[^>]*>/g)].map(([text]) => text).find((text) => new RegExp(`name=["']?${name}["'\\s>]`).test(text));
  const value = tag && /value=(?:"([^"]*)"|'([^']*)'|([^\s>]*))/.exec(tag);
  if (!value) throw new Error(`${url} has no input ${name}`);
  return decodeText(value[1] ?? value[2] ?? value[3] ?? '');
}

export const decodeText = (text: string): string =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#038;', '&')
    .replaceAll('&#43;', '+')
    .replaceAll('&#039;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&amp;', '&');
