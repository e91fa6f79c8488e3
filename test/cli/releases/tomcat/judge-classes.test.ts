import { describe, expect, it } from 'vitest';
import { apiOf, type ClassPlace, findMisfit, findTooNew } from '../../../../cli/releases/tomcat/check-classes.ts';
import { readClassFile } from '../../../../cli/releases/tomcat/class-file.ts';
import { type ClassParts, classFile } from './write-class.ts';

const SERVLET = 'javax/servlet/http/HttpServlet';
const NEW_SERVLET = 'jakarta/servlet/http/HttpServlet';
const place = (name: string, ...classes: ClassParts[]): ClassPlace => ({
  place: name,
  isOwn: name === 'own',
  classes: classes.map((one) => readClassFile(classFile(one), one.name) ?? expect.fail('no class')),
});
const plain = { name: 'shop/Cart' };
const old = { name: 'shop/Pay', parent: SERVLET };
const current = { name: 'shop/Pay', parent: NEW_SERVLET };
const user = { name: 'shop/Tag', uses: ['javax/servlet/http/HttpSession'] };
const filter = { name: 'lib/Filter', interfaces: ['javax/servlet/Filter'] };
const newFilter = { name: 'lib/NewFilter', interfaces: ['jakarta/servlet/Filter'] };

describe('readClassFile', () => {
  it('reads the name, the parents, the servlet API and the Java of a class', () => {
    const bytes = classFile({
      name: 'a/B',
      parent: 'a/A',
      interfaces: ['javax/servlet/Filter'],
      texts: ['(Ljakarta/servlet/Filter;)V'],
      java: 21,
    });
    expect(readClassFile(bytes, 'a/B')).toEqual({
      name: 'a/B',
      parents: ['a/A', 'javax/servlet/Filter'],
      servlet: new Map([
        ['javax.servlet', 'javax/servlet/Filter'],
        ['jakarta.servlet', 'jakarta/servlet/Filter'],
      ]),
      java: 21,
    });
  });

  it('takes a text for no use of a class', () => {
    const bytes = classFile({ ...plain, texts: ['javax.servlet.Filter', 'javax/servlet/Filter', 'see javax/servlet/Filter;'] });
    expect(readClassFile(bytes, 'a/B')?.servlet.size).toBe(0);
  });

  it('finds nothing in what is damaged, wherever it ends, and in what is no class', () => {
    const bytes = classFile(old);
    const begin = bytes.indexOf('/servlet/') + '/servlet/'.length;
    for (let end = begin; end < bytes.length - 6; end += 1) expect(readClassFile(bytes.subarray(0, end), 'a/B')).toBeUndefined();
    for (let end = 0; end < 8; end += 1) expect(readClassFile(bytes.subarray(0, end), 'a/B')).toBeUndefined();
    expect(readClassFile(Buffer.from('<html>not a class</html>'), 'a/B')).toBeUndefined();
    bytes[10] = 99;
    expect(readClassFile(bytes, 'a/B')).toBeUndefined();
  });
});

describe('findMisfit', () => {
  it.each<[string, ClassPlace[], number, string[], string | undefined]>([
    ['a servlet of its own for the older API', [place('own', plain, old)], 10, [], 'shop.Pay'],
    ['a class of its own that only uses it', [place('own', user)], 11, [], 'shop.Tag'],
    ['a servlet of its own for the newer API', [place('own', current)], 9, [], 'shop.Pay'],
    ['what fits', [place('own', old), place('a.jar', filter)], 9, [], undefined],
    ['a WAR without classes', [place('own')], 10, [], undefined],
    ['a library’s filter, in a WAR whose classes name no API', [place('own', plain), place('a.jar', filter)], 10, [], 'lib.Filter'],
    ['an old library that nobody uses, in a WAR that fits', [place('own', current), place('a.jar', filter)], 10, [], undefined],
    ['the same, where another library fits', [place('own', plain), place('a.jar', filter), place('b.jar', newFilter)], 10, [], undefined],
    ['the same, but web.xml names it', [place('own', current), place('a.jar', filter)], 10, ['lib.Filter'], 'lib.Filter'],
    ['a library with both APIs', [place('own', plain), place('a.jar', filter, newFilter)], 10, [], undefined],
    ['a class with both APIs', [place('own', { ...old, uses: ['jakarta/servlet/Filter'] })], 10, ['shop.Pay'], undefined],
    ['a library that only uses it', [place('own', plain), place('a.jar', user)], 10, [], undefined],
    [
      'the API itself in a library',
      [place('own', current), place('api.jar', { name: SERVLET, parent: 'javax/servlet/GenericServlet' })],
      10,
      [],
      undefined,
    ],
  ])('%s', (_what, places, tomcat, declared, className) => {
    expect(findMisfit(places, apiOf(tomcat), new Set(declared))?.className).toBe(className);
  });
});

describe('findTooNew', () => {
  const with21 = { ...plain, java: 21 };
  it.each<[string, ClassPlace[], number, number | undefined]>([
    ['one class of its own', [place('own', plain, with21)], 17, 21],
    ['the fleet has that Java', [place('own', with21)], 21, undefined],
    ['a library with filters, all of it', [place('own'), place('a.jar', { ...filter, java: 25 }, with21)], 17, 25],
    ['some classes of a library, which it can do without', [place('own'), place('a.jar', filter, with21)], 17, undefined],
    ['a library without servlets, which may be unused', [place('own'), place('a.jar', with21)], 17, undefined],
  ])('%s', (_what, places, java, needed) => {
    expect(findTooNew(places, java)?.java).toBe(needed);
  });
});
