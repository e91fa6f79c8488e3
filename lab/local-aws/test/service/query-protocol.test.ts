import { XMLParser } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { parseQuery, renderQueryError, renderQueryReply } from '../../service/protocol/query.ts';
import { AwsError } from '../../service/service.ts';

const xml = new XMLParser({ ignoreAttributes: false, parseTagValue: false, trimValues: false });

describe('parseQuery', () => {
  it.each<[string, string, Record<string, unknown>]>([
    ['scalars as text', 'Name=web&Port=80&Enabled=true', { Name: 'web', Port: '80', Enabled: 'true' }],
    ['a list of scalars', 'Names.member.1=a&Names.member.2=b', { Names: ['a', 'b'] }],
    ['a list by number, not by position', 'Names.member.10=j&Names.member.2=b&Names.member.1=a', { Names: ['a', 'b', 'j'] }],
    ["a list with the item's own name", 'SubnetIds.SubnetIdentifier.1=a&SubnetIds.SubnetIdentifier.2=b', { SubnetIds: ['a', 'b'] }],
    ['a flattened list', 'Value.1=a&Value.2=b', { Value: ['a', 'b'] }],
    ['an empty list as the empty text that it is', 'Names=', { Names: '' }],
    ['a structure', 'Matcher.HttpCode=200', { Matcher: { HttpCode: '200' } }],
    [
      'lists in structures in lists',
      'Conditions.member.1.Field=host-header&Conditions.member.1.HostHeaderConfig.Values.member.1=a.com',
      { Conditions: [{ Field: 'host-header', HostHeaderConfig: { Values: ['a.com'] } }] },
    ],
    [
      'a list of structures',
      'Tags.member.1.Key=a&Tags.member.1.Value=1&Tags.member.2.Key=b',
      { Tags: [{ Key: 'a', Value: '1' }, { Key: 'b' }] },
    ],
    ['a nested Version, which is not that of the API', 'Version=2011-01-01&LaunchTemplate.Version=7', { LaunchTemplate: { Version: '7' } }],
    ['percent codes and plus signs', 'Name=a%26b+c%2Bd%C3%A9', { Name: 'a&b c+dé' }],
    ['names that objects have by themselves', 'toString=x&constructor.name=y', { toString: 'x', constructor: { name: 'y' } }],
    ['a name given twice, of which the last counts', 'Name=a&Name=b', { Name: 'b' }],
  ])('reads %s', (_, body, input) => {
    expect(parseQuery(`Action=Do&${body}`)).toEqual({ operation: 'Do', input });
  });

  it.each([
    ['no body', ''],
    ['a body without Action', 'Name=a'],
  ])('returns an empty operation for %s', (_, body) => {
    expect(parseQuery(body).operation).toBe('');
  });

  it('adds no property to what other objects inherit', () => {
    parseQuery('Action=Do&__proto__.polluted=yes');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('renderQueryReply', () => {
  const protocol = {
    kind: 'query',
    xmlNamespace: 'urn:x',
    listItemNames: { CacheClusters: 'CacheCluster' },
    mapNames: ['Extended'],
  } as const;
  const render = (output: object | undefined) => renderQueryReply(protocol, 'Do', output, 'id-1');

  it.each<[string, object, string]>([
    ['a list with member items', { Names: ['a', 'b'] }, '<Names><member>a</member><member>b</member></Names>'],
    [
      'a list with its own item name',
      { CacheClusters: [{ Id: 'a' }] },
      '<CacheClusters><CacheCluster><Id>a</Id></CacheCluster></CacheClusters>',
    ],
    [
      'a map with its keys as data',
      { Extended: { 'p<99>': 1.5, p90: undefined } },
      '<Extended><entry><key>p&lt;99&gt;</key><value>1.5</value></entry></Extended>',
    ],
    ['an empty list', { Names: [] }, '<Names></Names>'],
    ['an empty structure', { Matcher: {} }, '<Matcher></Matcher>'],
    ['a date', { At: new Date(0) }, '<At>1970-01-01T00:00:00.000Z</At>'],
    ['numbers and flags', { Count: 0, Ratio: 1.5, On: false }, '<Count>0</Count><Ratio>1.5</Ratio><On>false</On>'],
    ['no member without a value', { A: undefined, B: null, C: '' }, '<C></C>'],
    ['markup as text', { A: '<b a="1">&amp;' }, '<A>&lt;b a=&quot;1&quot;&gt;&amp;amp;</A>'],
    ['a carriage return, which a parser would lose', { A: 'a\r\nb' }, '<A>a&#xD;\nb</A>'],
    ['no control character, which no parser takes', { A: 'a\u001b[0m\u0000' }, '<A>a\ufffd[0m\ufffd</A>'],
  ])('writes %s', (_, output, members) => {
    expect(render(output)).toBe(
      `<DoResponse xmlns="urn:x"><DoResult>${members}</DoResult><ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></DoResponse>`,
    );
  });

  it('has no result element for an operation without output', () => {
    expect(render(undefined)).not.toContain('DoResult');
  });

  it('an XML parser reads back what was written', () => {
    const text = `a<b>&"c"'d' é ]]> -->`;
    expect(xml.parse(render({ Text: text })).DoResponse.DoResult.Text).toBe(text);
  });
});

describe('renderQueryError', () => {
  it.each([
    ['Sender', 400],
    ['Receiver', 500],
  ])('blames the %s for status %d', (type, status) => {
    const { ErrorResponse } = xml.parse(renderQueryError('urn:x', new AwsError('No<Such', 'a & b', status), 'id-1'));
    expect(ErrorResponse).toEqual({
      '@_xmlns': 'urn:x',
      Error: { Type: type, Code: 'No<Such', Message: 'a & b' },
      RequestId: 'id-1',
    });
  });
});
