/** The documents of a fleet, as doctor reads them from the local Systems Manager. */
import type { SSMClient } from '@aws-sdk/client-ssm';
import { expect, it } from 'vitest';
import type { AwsError } from '#local-aws/service/service.ts';
import { documentOperations } from '#local-aws/ssm/document-operations.ts';
import { DocumentStore } from '#local-aws/ssm/document-store.ts';
import { gatherDocuments } from '../../../cli/doctor/gather-records.ts';
import { documentContent } from '../../../server/documents/deploy-documents.ts';
import { readAccessLogContent, readLogsContent } from '../../../server/documents/read-logs.ts';
import { subjectOf } from './healthy-fleet.ts';

it('compares the latest version of each document with this checkout, whatever CloudFormation made of its text', async () => {
  const subject = subjectOf();
  const operations = documentOperations(new DocumentStore(() => 0));
  const call = async (name: string, input: object) => {
    try {
      return await operations[name]?.(input as Record<string, unknown>, { region: '', accountId: '', accessKeyId: '' });
    } catch (error) {
      throw Object.assign(error as Error, { name: (error as AwsError).code });
    }
  };
  const client = {
    send: async ({ constructor: { name }, input }: { constructor: { name: string }; input: object }) =>
      call(name.replace(/Command$/, ''), input),
  } as unknown as SSMClient;
  const observe = documentContent('observe', subject.releasesBucket);
  const reordered = JSON.stringify(Object.fromEntries(Object.entries(observe).toReversed()));
  await call('CreateDocument', { Name: 'holdfast-observe', Content: JSON.stringify({ ...observe, description: 'of another checkout' }) });
  await call('UpdateDocument', { Name: 'holdfast-observe', Content: reordered, DocumentVersion: '$LATEST' });
  await call('CreateDocument', { Name: 'holdfast-wait-idle', Content: JSON.stringify(observe) });

  await call('CreateDocument', { Name: 'holdfast-read-logs', Content: JSON.stringify(readLogsContent()) });
  await call('CreateDocument', { Name: 'holdfast-access-log', Content: JSON.stringify(readAccessLogContent()) });

  const found = await gatherDocuments(client, subject);
  expect(found).toEqual([
    { state: 'known', value: { name: 'holdfast-wait-idle', latestVersion: '1', defaultVersion: '1', isOfThisCheckout: false } },
    expect.objectContaining({ state: 'absent' }),
    { state: 'known', value: { name: 'holdfast-observe', latestVersion: '2', defaultVersion: '1', isOfThisCheckout: true } },
    { state: 'known', value: { name: 'holdfast-access-log', latestVersion: '1', defaultVersion: '1', isOfThisCheckout: true } },
    expect.objectContaining({ state: 'absent' }),
    { state: 'known', value: { name: 'holdfast-read-logs', latestVersion: '1', defaultVersion: '1', isOfThisCheckout: true } },
  ]);
  await call('UpdateDocument', {
    Name: 'holdfast-read-logs',
    Content: JSON.stringify({ ...readLogsContent(), description: 'of another version' }),
    DocumentVersion: '$LATEST',
  });
  expect((await gatherDocuments(client, subject)).at(-1)).toMatchObject({ value: { latestVersion: '2', isOfThisCheckout: false } });
  // Without runbooks there is no such document.
  expect(await gatherDocuments(client, { ...subject, hasRunbooks: false })).toEqual(found.slice(0, -1));
});
