import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEPLOY_ERRORS } from '../../functions/deploy/errors.ts';
import { fleetAlarmNames } from '../../functions/shared/naming.ts';
import { RUNBOOK, readRunbook, runbookAnchors } from '../runbook.ts';
import { AWS_CONFIG, SynthesizedApp } from './synthesized.ts';

let app: SynthesizedApp;
beforeAll(async () => {
  app = await SynthesizedApp.create(AWS_CONFIG);
});
afterAll(() => app?.remove());

const described = () =>
  app.resources('AWS::CloudWatch::Alarm').map(({ Properties }) => ({
    name: String(Properties['AlarmName']),
    description: String(Properties['AlarmDescription']),
    missing: Properties['TreatMissingData'],
  }));

describe('every alarm', () => {
  it('says what missing data means', () => {
    for (const { name, missing } of described()) expect(missing, name).toMatch(/^(notBreaching|breaching|ignore|missing)$/);
  });

  it('names its severity and what is wrong', () => {
    for (const { name, description } of described())
      expect(description, name).toMatch(/^severity: (high|medium|low)\. [A-Z].+\. Runbook: /);
  });

  it('links a heading of the runbook that exists', () => {
    const anchors = runbookAnchors();
    const linked = described().map(({ name, description }) => {
      const anchor = new RegExp(`${RUNBOOK}#([a-z0-9-]+)$`).exec(description)?.[1];
      expect(anchors, name).toContain(anchor);
      return anchor;
    });
    expect(linked.toSorted()).toEqual(['clean-up-failed', 'deploy-failed', 'deploy-timed-out', 'target-5xx', 'unhealthy-hosts']);
  });

  it('is one that doctor asks for, and doctor asks for no other', () => {
    expect(fleetAlarmNames('holdfast', 'web').toSorted()).toEqual(
      described()
        .map(({ name }) => name)
        .toSorted(),
    );
  });

  it('is named after the heading that explains it', () => {
    for (const { name, description } of described()) expect(`holdfast-web-${description.split('#')[1]}`).toBe(name);
  });
});

describe('the runbook', () => {
  it('has no two headings with one anchor', () => {
    const anchors = runbookAnchors();
    expect(new Set(anchors).size).toBe(anchors.length);
  });

  it('says what to do about every error that a deploy can end with', () => {
    const text = readRunbook();
    expect(DEPLOY_ERRORS.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });

  it('has the headings that it links to', () => {
    const text = readRunbook();
    const links = [...text.matchAll(/\]\(#([^)]+)\)/g)].map((match) => String(match[1]));
    expect(links.length).toBeGreaterThan(0);
    expect(runbookAnchors()).toEqual(expect.arrayContaining(links));
  });
});

describe('a deploy', () => {
  it("watches the web tier's alarms while it settles, and not its own", () => {
    const control = app
      .resources('AWS::Lambda::Function')
      .find(({ Properties }) => Properties['FunctionName'] === 'holdfast-web-deploy-control');
    const environment = JSON.stringify(control?.Properties['Environment']);
    expect(environment).toMatch(/alarmNames.+ExportsOutputRefUnhealthyHosts.+ExportsOutputRefTarget5xx/);
    expect(environment).not.toContain('DeployFailed');
  });
});
