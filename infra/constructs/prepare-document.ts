import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { prepareDocumentName } from '../../functions/shared/naming.ts';
import { prepareContent } from '../documents/prepare.ts';

export interface PrepareDocumentProps {
  readonly installation: string;
  readonly fleetName: string;
  readonly userData: string;
}

/** The document that does to a server which is there what user data does to a new one. Gives its name. */
export function prepareDocument(scope: Construct, { installation, fleetName, userData }: PrepareDocumentProps): string {
  const name = prepareDocumentName(installation, fleetName);
  new CfnDocument(scope, 'PrepareDocument', {
    name,
    documentType: 'Command',
    documentFormat: 'JSON',
    // Any: a managed node of one's own is no EC2 instance.
    targetType: '/',
    updateMethod: 'NewVersion',
    content: prepareContent(userData),
  });
  return name;
}
