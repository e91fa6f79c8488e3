import type { Evidence } from './document-contract.ts';

/**
 * What a server shows of its failure, as the end of a sentence: the request, the service's state and, on lines of their own,
 * its journal. Empty when the server showed nothing.
 */
export function describeEvidence({ asked, service, journal = [] }: Evidence): string {
  const facts = [asked && `requested: ${asked}`, service].filter(Boolean).map((fact) => `; ${fact}`);
  const quoted = journal.length === 0 ? '' : `; its journal:${journal.map((line) => `\n  ${line}`).join('')}`;
  return `${facts.join('')}${quoted}`;
}
