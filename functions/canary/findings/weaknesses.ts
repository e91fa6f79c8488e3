/** Each finding's reason, clause and fix. Clauses are those of OWASP ASVS 5.0. */
import type { FindingName, Weakness } from './catalogue.ts';
import { OF_COOKIES } from './of-cookies.ts';
import { OF_ENDINGS } from './of-endings.ts';
import { OF_IDS } from './of-ids.ts';
import { OF_PAGES } from './of-pages.ts';

export const WEAKNESSES: Readonly<Record<FindingName, Weakness>> = { ...OF_IDS, ...OF_COOKIES, ...OF_ENDINGS, ...OF_PAGES };
