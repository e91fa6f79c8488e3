/** What is checked: every rule's and every panel's queries, read from the files that are deployed. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { leftHandSides } from './left-hand-side.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../ops/monitoring');
export const RULES_FOLDER = path.join(FOLDER, 'prometheus', 'rules');
export const PROMETHEUS_FILE = path.join(FOLDER, 'prometheus', 'prometheus.yml');
const DASHBOARDS_FOLDER = path.join(FOLDER, 'grafana', 'dashboards');

/** A rule or a panel, and the queries that must all return data. */
export interface Checked {
  readonly kind: 'rule' | 'panel';
  readonly name: string;
  readonly queries: readonly string[];
}

export interface Rule {
  /** The name of a recording rule. */
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Panel {
  readonly title: string;
  readonly type: string;
  readonly targets?: readonly { readonly expr: string }[];
}

/** Rules of all files of `prometheus/rules`. */
export function readRules(): Rule[] {
  return readdirSync(RULES_FOLDER).flatMap((file) => {
    const { groups } = parse(readFileSync(path.join(RULES_FOLDER, file), 'utf8')) as { groups: { rules: Rule[] }[] };
    return groups.flatMap(({ rules }) => rules);
  });
}

/** Panels of all dashboards, without the rows that head them. */
export function readPanels(): Panel[] {
  return readdirSync(DASHBOARDS_FOLDER).flatMap((file) => {
    const { panels } = JSON.parse(readFileSync(path.join(DASHBOARDS_FOLDER, file), 'utf8')) as { panels: Panel[] };
    return panels.filter(({ type }) => type !== 'row');
  });
}

/** An alert is checked without its comparisons; a recording rule must return what it records. */
export function checkedRule({ alert, record, expr }: Rule): Checked {
  return alert === undefined
    ? { kind: 'rule', name: record ?? expr, queries: [ofToday(expr)] }
    : { kind: 'rule', name: alert, queries: leftHandSides(expr).map(ofToday) };
}

const DAYS_AGO = /\s+offset \d+[dh]\b/g;

/** Recording rules that ask of days ago. */
const OF_OTHER_DAYS = readRules().filter(({ record, expr }) => record !== undefined && expr.search(DAYS_AGO) >= 0);

/** No week passes in a check: what a rule asks of days ago is asked of today, also where it uses what such a rule records. */
function ofToday(query: string): string {
  return OF_OTHER_DAYS.reduce((text, { record = '', expr }) => text.replaceAll(record, `(${expr})`), query).replaceAll(DAYS_AGO, '');
}

/** @throws Error when a panel has no query, or uses a variable of Grafana's that is not known here */
export function checkedPanel({ title, targets = [] }: Panel): Checked {
  if (targets.length === 0) throw new Error(`panel ${title} has no query`);
  return { kind: 'panel', name: title, queries: targets.map(({ expr }) => fillVariables(expr)) };
}

/** Replaces Grafana's variables as Grafana does with everything selected. */
function fillVariables(expression: string): string {
  const filled = expression.replaceAll('$store', '.*').replaceAll('$__rate_interval', '1m');
  if (filled.includes('$')) throw new Error(`${expression}: the check does not know this variable`);
  return filled;
}
