import type { Facts } from '../../../../functions/incidents/contract/evidence.ts';
import { node, server, unreachable } from '../healthy-evidence.ts';

export const CUT_OFF = { store: { reachable: false, error: 'ETIMEDOUT' } };
/** @param views whether each server reaches the store; undefined: it does not show it */
export const seen = (...views: readonly (boolean | undefined)[]): Facts['servers'] => ({
  servers: views.map((reaches, index) => {
    const { store: _, ...without } = server(`i-${index + 1}`);
    return reaches === undefined ? without : { ...without, ...(reaches ? { store: { reachable: true } } : CUT_OFF) };
  }),
});

export const GONE = { nodes: [unreachable('node-1'), unreachable('node-2')], dialects: [], sizes: {} };
export const PRIMARY_GONE = { nodes: [unreachable('node-1'), node('node-2', 'replica')] };
