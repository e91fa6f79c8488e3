/** One browser's cookies for one origin, including the load balancer's own. Values leave it only in requests. */
export class CookieJar {
  readonly #cookies = new Map<string, { value: string; expiresAtMs: number }>();
  readonly #secureOrigin: boolean;

  /** @param secureOrigin whether requests use HTTPS: without it, cookies marked Secure are dropped, as in a browser */
  constructor(secureOrigin: boolean) {
    this.#secureOrigin = secureOrigin;
  }

  /** Stores the Set-Cookie lines of an answer. Path and Domain are ignored: all requests go to one origin. */
  store(lines: readonly string[], nowMs: number): void {
    for (const line of lines) {
      const [pair = '', ...attributes] = line.split(';');
      const equals = pair.indexOf('=');
      if (equals < 1) continue;
      const name = pair.slice(0, equals).trim();
      let maxAgeMs: number | undefined;
      let expiresAtMs = Number.POSITIVE_INFINITY;
      let secure = false;
      for (const attribute of attributes) {
        const [key = '', value = ''] = attribute.trim().split('=');
        const lower = key.toLowerCase();
        if (lower === 'secure') secure = true;
        else if (lower === 'max-age') maxAgeMs = Number(value) * 1000;
        else if (lower === 'expires' && !Number.isNaN(Date.parse(value))) expiresAtMs = Date.parse(value);
      }
      // Max-Age wins over Expires (RFC 6265, 5.3).
      if (maxAgeMs !== undefined && !Number.isNaN(maxAgeMs)) expiresAtMs = nowMs + maxAgeMs;
      if (secure && !this.#secureOrigin) continue;
      if (expiresAtMs <= nowMs) this.#cookies.delete(name);
      else this.#cookies.set(name, { value: pair.slice(equals + 1).trim(), expiresAtMs });
    }
  }

  /** The Cookie header, or undefined without cookies. */
  header(nowMs: number): string | undefined {
    const pairs: string[] = [];
    for (const [name, cookie] of this.#cookies) {
      if (cookie.expiresAtMs > nowMs) pairs.push(`${name}=${cookie.value}`);
      else this.#cookies.delete(name);
    }
    return pairs.length === 0 ? undefined : pairs.join('; ');
  }
}
