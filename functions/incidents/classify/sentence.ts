import { capital } from '../../shared/capital.ts';

/** `Users are logged out because …, since 2026-11-22 03:12 UTC`: with the date, since it is read on other days too. Pure. */
export const sentenceSince = (what: string, sinceMs: number): string =>
  `${capital(what)}, since ${new Date(sinceMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
