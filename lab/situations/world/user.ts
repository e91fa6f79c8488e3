/** A person with a browser: what it keeps, and what the person does next. */
import { LOGIN } from './application.ts';
import { between, type Random, waitOf } from './random.ts';

export interface Jar {
  readonly name: string;
  readonly value: string;
  /** When a browser drops it; null: with the browser. */
  readonly endsMs: number | null;
  readonly secure: boolean;
  readonly sameSite: 'Strict' | 'Lax' | 'None';
}

export interface Person {
  cookie: Jar | undefined;
  /** The load balancer's own cookie: which server, and until when. */
  held: { readonly server: number; readonly untilMs: number } | undefined;
  step: 'browse' | 'login' | 'submit';
  nextMs: number;
  leavesMs: number;
  /** Failures one after another. */
  failures: number;
}

const MINUTE_MS = 60_000;
const VISIT_MINUTES = 40;
const THINK_MS = 30_000;
const PATHS = ['/account', '/cart', '/orders', '/account/settings', '/products', '/checkout'];

export const arriving = (random: Random, atMs: number): Person => ({
  ...{ cookie: undefined, held: undefined, step: 'browse', failures: 0 },
  nextMs: atMs + between(random, 0, 20_000),
  leavesMs: atMs + waitOf(random, VISIT_MINUTES * MINUTE_MS) + MINUTE_MS,
});

export const isLeaving = ({ leavesMs }: Person, atMs: number): boolean => atMs >= leavesMs;

export function nextRequest({ step }: Person, random: Random): { readonly method: 'GET' | 'POST'; readonly path: string } {
  if (step === 'login') return { method: 'GET', path: LOGIN };
  if (step === 'submit') return { method: 'POST', path: LOGIN };
  return { method: 'GET', path: PATHS[Math.floor(random() * PATHS.length)] ?? '/' };
}

/** What a person does with the answer: goes on, logs in, tries again, or comes back later. */
export function take(
  person: Person,
  random: Random,
  atMs: number,
  { status, isLogin }: { readonly status: number; readonly isLogin: boolean },
) {
  const isError = status >= 400 && status !== 401;
  if (person.step === 'browse' && !isError) {
    const isSentToLogin = isLogin || status === 302 || status === 401;
    person.step = isSentToLogin ? 'login' : 'browse';
    person.failures = isSentToLogin ? person.failures : 0;
    person.nextMs = atMs + (isSentToLogin ? between(random, 800, 2_000) : waitOf(random, THINK_MS) + 1_000);
    // Sent to the login again and again: one comes back later.
    if (isSentToLogin) person.failures += 1;
  } else if (!isError) {
    person.step = person.step === 'login' ? 'submit' : 'browse';
    person.nextMs = atMs + (person.step === 'submit' ? between(random, 5_000, 15_000) : between(random, 800, 2_000));
  } else {
    person.failures += 1;
    person.nextMs = atMs + between(random, 3_000, 12_000);
  }
  if (person.failures < 4) return;
  person.failures = 0;
  person.step = 'browse';
  person.nextMs = atMs + between(random, 2, 6) * MINUTE_MS;
}
