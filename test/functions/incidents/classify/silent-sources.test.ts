/**
 * Evidence of each cause with a source that gave nothing: while the one source that could show the cause is silent, the finding is
 * `unknown`, and never `nothing`.
 */
import { describe, expect, it } from 'vitest';
import { classify } from '../../../../functions/incidents/classify/classify.ts';
import { RUNBOOKS, type Runbook } from '../../../../functions/incidents/contract/causes.ts';
import { type Evidence, SOURCES, type Source } from '../../../../functions/incidents/contract/evidence.ts';
import { FULL } from '../../../e2e/full-run.ts';
import { evidence, server, unreachable } from '../healthy-evidence.ts';
import { CASES } from './cases.ts';
import { removals } from './pieces.ts';
import { GONE, PRIMARY_GONE, seen } from './situation.ts';

const SILENT = { gap: 'it did not answer' };
const withoutSources = (whole: Evidence, ...silent: readonly Source[]): Evidence => ({
  ...whole,
  sources: { ...whole.sources, ...Object.fromEntries(silent.map((source) => [source, SILENT])) },
});
/** Each is asked by a command of its own, so that a source of which nothing comes is there all the same. */
const withoutServers = (whole: Evidence): Evidence => {
  const { servers } = whole.sources;
  if (servers === undefined || 'gap' in servers) return whole;
  const silent = servers.facts.servers.map(({ instanceId }) => ({ instanceId, ...SILENT }));
  return { ...whole, sources: { ...whole.sources, servers: { ...servers, facts: { servers: silent } } } };
};

/** The runbooks that find something by all of the evidence. */
const findingRunbooks = (whole: Evidence): readonly Runbook[] => RUNBOOKS.filter((runbook) => classify(whole, runbook).verdict === 'cause');
const verdicts = (partial: Evidence, runbooks: readonly Runbook[]) =>
  runbooks.map((runbook) => [runbook, classify(partial, runbook).verdict]);

/** Each cause has several, which differ in what shows it. */
const SOME = CASES.filter((_, index) => FULL || index % 9 === 0);
describe.each(SOME)('$cause, $when', ({ planted }) => {
  const runbooks = findingRunbooks(planted);
  const never = runbooks.map((runbook) => [runbook, expect.not.stringMatching('^nothing$')]);

  it.each(SOURCES)('is not `nothing` while %s is silent, alone or with another source', (source) => {
    for (const other of SOURCES.slice(SOURCES.indexOf(source)))
      expect([other, verdicts(withoutSources(planted, source, other), runbooks)]).toEqual([other, never]);
  });

  it('is not `nothing` while no server answers, or whatever else is missing alone', () => {
    expect(verdicts(withoutServers(planted), runbooks)).toEqual(never);
    for (const [index, remove] of removals(planted).entries()) expect([index, verdicts(remove(planted), runbooks)]).toEqual([index, never]);
  });
});

describe('servers that are silent', () => {
  const readOnlyNode = evidence({ store: { nodes: [{ ...unreachable('node-1'), state: 'readOnly' }] } });

  it('leave open whether one of them cannot reach the store, or writes to a node that refuses it', () => {
    for (const partial of [withoutSources(evidence(), 'servers'), withoutServers(evidence())]) {
      expect(classify(partial, 'store-failure')).toMatchObject({
        verdict: 'unknown',
        shown: [],
        candidates: expect.arrayContaining(['server-partitioned', 'store-refuses']),
        missing: expect.arrayContaining([expect.objectContaining({ source: 'servers' })]),
      });
    }
    expect(classify(withoutSources(readOnlyNode, 'servers'), 'store-failure')).toMatchObject({ cause: 'store-refuses' });
  });

  it.each([
    ['no node', GONE],
    ['the primary', PRIMARY_GONE],
  ])('are no witness that the store is down when the collector alone reaches %s', (_, store) => {
    const cutOff = evidence({ store, servers: seen(true, true, true) });
    for (const partial of [cutOff, withoutSources(cutOff, 'servers'), withoutServers(cutOff)]) {
      expect(classify(partial, 'store-failure')).toMatchObject({ verdict: 'unknown' });
    }
  });

  it('are outvoted by one that cannot reach the store', () => {
    const one = evidence({ store: GONE, servers: { servers: [...seen(false).servers, { instanceId: 'i-2', ...SILENT }] } });
    expect(classify(one, 'store-failure')).toMatchObject({ cause: 'store-down', confidence: 'likely' });
    const reaching = evidence({ store: GONE, servers: { servers: [server('i-1'), { instanceId: 'i-2', ...SILENT }] } });
    expect(classify(reaching, 'store-failure')).toMatchObject({ verdict: 'unknown' });
  });
});
