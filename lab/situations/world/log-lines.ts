/** Lines of access logs as servers write them. Pure. */

export interface LoggedRequest {
  readonly atMs: number;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** The session that the request named, and the one that it ended with. */
  readonly session: string | undefined;
  readonly answered: string | undefined;
  readonly agent: string;
  readonly referer: string | undefined;
}

export const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
export const AGENTS = {
  browser: BROWSER,
  bot: 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  'health-check': 'ELB-HealthChecker/2.0',
  script: 'curl/8.5.0',
} as const;

export type App = 'node' | 'tomcat' | 'nginx';

/** As contracts have them: the Node example's, Tomcat's AccessLogValve, and nginx without the session of the answer. */
export const PATTERNS: Readonly<Record<App, (cookie: string) => string>> = {
  node: () => '$time status=$status ms=$_ session=$session answered=$answered method=$method path=$path agent=$agent from=$referer',
  tomcat: (cookie) => `%h %t "%r" %s %b %{${cookie}}c %S "%{Referer}i" "%{User-Agent}i"`,
  nginx: (cookie) =>
    `$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $cookie_${cookie.toLowerCase()}`,
};

const WRITERS: Readonly<Record<App, (request: LoggedRequest) => string>> = {
  node: ({ atMs, path, status, session = '-', answered = '-', agent, referer, method }) =>
    `${new Date(atMs).toISOString()} status=${status} ms=12 session=${session} answered=${answered} method=${method} path=${path} agent=${agentWord(agent)} from=${refererWord(referer)}`,
  tomcat: ({ atMs, method, path, status, session = '-', answered = '-', agent, referer = '-' }) =>
    `10.0.1.7 ${clf(atMs)} "${method} ${path} HTTP/1.1" ${status} 812 ${session} ${answered} "${referer}" "${agent}"`,
  nginx: ({ atMs, method, path, status, session = '-', agent, referer = '-' }) =>
    `10.0.1.7 - - ${clf(atMs)} "${method} ${path} HTTP/1.1" ${status} 812 "${referer}" "${agent}" ${session}`,
};

export const writeLine = (app: App, request: LoggedRequest): string => WRITERS[app](request);

/** The Node example writes classes of agents, and whether a referer is the site itself. */
const agentWord = (agent: string): string =>
  agent === AGENTS.bot ? 'bot' : agent === AGENTS['health-check'] ? 'health-check' : agent === AGENTS.script ? 'script' : 'browser';
const refererWord = (referer: string | undefined): string =>
  referer === undefined ? '-' : referer.startsWith('https://shop.example') ? 'same' : 'other';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function clf(atMs: number): string {
  const [date = '', time = ''] = new Date(atMs).toISOString().split('T');
  const [year, month, day] = date.split('-');
  return `[${day}/${MONTHS[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000]`;
}
