/** What a recorder of cookies wrote: what a framework sets with each answer, and what Chromium has after it. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { CHECKOUT } from '../../../setup/checkout.mjs';
import type { Packages } from '../library.ts';

/** A cookie that Chromium has after an answer. */
export interface KeptCookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  /** Absent for a cookie of this host alone. */
  readonly domain?: string;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  /** Null: the answer names none that it knows. */
  readonly sameSite: 'Strict' | 'Lax' | 'None' | null;
  /** Since the answer; null for one that ends with the browser. */
  readonly lifetimeSeconds: number | null;
  readonly partitioned?: true;
}

export interface CookieAnswer {
  /** Method and path. */
  readonly request: string;
  readonly status: number;
  /** What the browser sent with the request: in the recording of browsers' rules alone. */
  readonly sent?: string;
  /** The answer's own, or when it came, as a header has it. */
  readonly date: string;
  /** Whole headers in their order, with values that stand in for the real ones: of their length and form. */
  readonly setCookie: readonly string[];
  readonly has: readonly KeptCookie[];
}

/** An answer that is given to a browser. @default status 200 */
export type GivenAnswer = Pick<CookieAnswer, 'setCookie'> & Partial<Pick<CookieAnswer, 'status'>>;

export interface CookieVariant {
  /** Settings of the framework: `default` is as it comes. */
  readonly variant: string;
  readonly answers: readonly CookieAnswer[];
}

export interface CookieRecording {
  readonly framework: string;
  readonly version: string;
  readonly packages: Packages;
  /** What writes this file again. */
  readonly command: string;
  /** Name of the session's cookie, unless a variant gives it another one. */
  readonly cookie: string;
  readonly judge: string;
  readonly variants: readonly CookieVariant[];
}

/** The recording of public reports, which no framework made. */
export const REPORTS = 'public-reports';
/** The recording of headers that browsers keep or drop. */
export const RULES = 'browser-rules';
/** The site's address, to which browsers come by HTTPS. */
export const SITE = 'https://shop.example';
export const COOKIES_FOLDER = path.join(CHECKOUT, 'test/corpus/cookies');
export const MAX_COOKIES_BYTES = 2 * 1024 * 1024;
export const cookiesFileOf = (name: string): string => path.join(COOKIES_FOLDER, `${name}.json`);

/** Every recording, by name. */
export const readCookies = (): ReadonlyMap<string, CookieRecording> =>
  new Map(
    readdirSync(COOKIES_FOLDER)
      .filter((file) => file.endsWith('.json'))
      .sort()
      .map((file) => [file.slice(0, -5), JSON.parse(readFileSync(path.join(COOKIES_FOLDER, file), 'utf8')) as CookieRecording]),
  );
