import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { expect, it } from 'vitest';
import { SessionGate } from '../../infra/session-gate.ts';
import { cdkContext, QUICK_APP } from './synthesized.ts';

const user = (name: string) => ({ name, password: { secret: `shop/${name}` } });
const recipe = {
  users: { a: user('gate-anna'), b: user('gate-ben') },
  login: [{ post: '/login', form: { user: '{name}', password: '{password}' } }],
  who: { get: '/account' },
  release: { get: '/version', take: { json: 'version' } },
};
const addresses = { old: 'https://shop.example.com/', new: 'https://shop.example.com:8443/' };
const made = (props: object = {}) => {
  const stack = new Stack(new App({ ...QUICK_APP, context: cdkContext() }), 'Shop');
  new SessionGate(stack, 'Gate', { ...addresses, recipe, ...props });
  return Template.fromStack(stack);
};

it('makes one function that may read its two secrets and its own table, and nothing else', () => {
  const template = made();
  template.hasResourceProperties('AWS::Lambda::Function', {
    Timeout: 120,
    Environment: { Variables: { HOLDFAST_GATE_NOT_CHECKED: 'continue' } },
  });
  template.hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({ Action: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'] }),
        Match.objectLike({ Action: 'secretsmanager:GetSecretValue' }),
      ]),
    },
  });
  expect(JSON.stringify(template.toJSON())).not.toContain('correct-horse');
});

it('may write its verdicts into the records of an installation, and nothing else there', () => {
  const template = made({ installation: 'shop' });
  template.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: { HOLDFAST_GATE_INSTALLATION: 'shop-records' } } });
  template.hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        {
          Action: 'dynamodb:PutItem',
          Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['GATES'] } },
          Effect: 'Allow',
          Resource: { 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp(':table/shop-records$')])] },
        },
      ]),
    },
  });
  expect(JSON.stringify(made().toJSON())).not.toMatch(/LeadingKeys|GATE_INSTALLATION/);
});

it.each([
  [{ installation: 'Shop' }, /installation: "Shop" must be 1 to 24 lower-case letters/],
  [{ new: 'https://internal-shop-123.eu-west-1.elb.amazonaws.com/' }, /internal load balancer/],
  [{ recipe: { ...recipe, release: undefined } }, /no "release"/],
  [{ recipe: { ...recipe, users: { a: recipe.users.a } } }, /second user/],
  [{ recipe: { ...recipe, users: { ...recipe.users, a: { name: 'gate-anna', password: { environment: 'X' } } } } }, /environment variable/],
])('refuses at synthesis what the function could not use: %j', (props, why) => {
  expect(() => made(props)).toThrow(why);
});
