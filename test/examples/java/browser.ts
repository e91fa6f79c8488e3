/** A browser with one cookie. */
export interface Answer {
  readonly status: number;
  /** Parsed JSON; empty where the body is not JSON. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Browser {
  /** Value of the session's cookie. */
  readonly cookie: string;
  login(user: string): Promise<Answer>;
  /** Each adds one. */
  count(url?: string): Promise<Answer>;
  get(path: string, url?: string): Promise<Answer>;
  logout(url?: string): Promise<Answer>;
}

/** @param cookie that it has from before */
export function openBrowser(url: string, cookie = ''): Browser {
  let value = cookie;
  const send = async (path: string, init: RequestInit = {}, at = url): Promise<Answer> => {
    // The load balancer ends TLS: cookies are Secure.
    const headers = { 'x-forwarded-proto': 'https', ...(value && { cookie: `SID=${value}` }), ...(init.headers as object) };
    const response = await fetch(`${at}${path}`, { redirect: 'manual', ...init, headers });
    for (const line of response.headers.getSetCookie()) value = /^SID=([^;]*)/.exec(line)?.[1] ?? value;
    const text = await response.text();
    try {
      return { status: response.status, body: JSON.parse(text) };
    } catch {
      return { status: response.status, body: {} };
    }
  };
  return {
    get cookie() {
      return value;
    },
    login: (user) => send('/login', { method: 'POST', body: JSON.stringify({ user }), headers: { 'content-type': 'application/json' } }),
    count: (at) => send('/count', {}, at),
    get: (path, at) => send(path, {}, at),
    logout: (at) => send('/logout', { method: 'POST' }, at),
  };
}
