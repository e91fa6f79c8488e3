/** The load balancer's own cookies: their values are encrypted, so that neither clients nor rules can read a target from them. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** What a sticky cookie binds a client to. */
export interface Binding {
  readonly kind: 'AWSALB' | 'AWSALBAPP' | 'AWSALBTG';
  readonly groupArn: string;
  /** `id:port`; empty for a binding to a group. */
  readonly target: string;
  readonly expiresAtMs: number;
}

export interface CookieSeal {
  seal(binding: Binding): string;
  /** Undefined for a cookie of another kind, one that has expired, and one that this load balancer did not make. */
  open(kind: Binding['kind'], value: string | undefined, nowMs: number): Binding | undefined;
}

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Encryption costs as much as the rest of a request, so recent results are cached: at most this many in each direction. */
const MOST_KEPT = 1000;

export function createCookieSeal(key: Buffer = randomBytes(32)): CookieSeal {
  const sealed = new Map<string, string>();
  const opened = new Map<string, Binding | undefined>();
  return {
    seal({ kind, groupArn, target, expiresAtMs }) {
      const text = `${kind}|${groupArn}|${target}|${expiresAtMs}`;
      return kept(sealed, text, () => encrypt(key, text));
    },
    open(kind, value, nowMs) {
      if (value === undefined) return undefined;
      const binding = kept(opened, value, () => decrypt(key, value));
      return binding !== undefined && binding.kind === kind && nowMs < binding.expiresAtMs ? binding : undefined;
    },
  };
}

function kept<T>(cache: Map<string, T>, name: string, make: () => T): T {
  const known = cache.get(name);
  if (known !== undefined) return known;
  if (cache.size >= MOST_KEPT) cache.clear();
  const made = make();
  cache.set(name, made);
  return made;
}

function encrypt(key: Buffer, text: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const parts = [cipher.update(text, 'utf8'), cipher.final()];
  return Buffer.concat([iv, cipher.getAuthTag(), ...parts]).toString('base64');
}

function decrypt(key: Buffer, value: string): Binding | undefined {
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length <= IV_BYTES + TAG_BYTES) return undefined;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES));
    decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    const opened = decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
    const [kind, groupArn, target, expiresAtMs] = opened.split('|');
    if (kind !== 'AWSALB' && kind !== 'AWSALBAPP' && kind !== 'AWSALBTG') return undefined;
    if (groupArn === undefined || target === undefined) return undefined;
    return { kind, groupArn, target, expiresAtMs: Number(expiresAtMs) };
  } catch {
    return undefined; // Made with another key, or tampered with.
  }
}

/** The value of a cookie in a Cookie header. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  if (header === undefined) return undefined;
  for (const part of header.split(';')) {
    const split = part.indexOf('=');
    if (split > 0 && part.slice(0, split).trim() === name) return part.slice(split + 1).trim();
  }
  return undefined;
}

/** Set-Cookie values for a binding; `cors` adds the twin that cross-origin requests may carry. */
export function setCookies(name: string, value: string, expiresAtMs: number, cors: boolean): string[] {
  const rest = `${value}; Expires=${new Date(expiresAtMs).toUTCString()}; Path=/`;
  return cors ? [`${name}=${rest}`, `${name}CORS=${rest}; SameSite=None; Secure`] : [`${name}=${rest}`];
}
