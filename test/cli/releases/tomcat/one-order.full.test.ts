/** What two Java processes write of equal objects whose order is another one in each: the digests by which Tomcats compare their sessions. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureJava, whyNoJava } from '../../../../setup/java.mjs';

const JAVA = path.join(import.meta.dirname, '../../../../server/tomcat/java');
/** Prints two lines for each case: as InOneOrder writes it, and as Java does. Each is of what was written and read, as a copy is. */
const MAIN = `package holdfast;
import java.io.Serializable;
import java.util.*;
public class Main {
  enum Role { ADMIN, USER, GUEST, AUDITOR, OWNER, SELLER, BUYER }
  interface Shape extends Serializable { int size(); }
  static class Square implements java.lang.reflect.InvocationHandler, Serializable {
    public Object invoke(Object proxy, java.lang.reflect.Method method, Object[] arguments) { return 4; }
  }
  static class Parent implements Serializable { final Set<Child> children = new HashSet<>(); }
  static class Child implements Serializable { Parent parent; final String name; Child(String name) { this.name = name; } }
  static class Named extends HashMap<Role, String> { }
  static void print(String name, Object value) throws Exception {
    ClassLoader classes = Main.class.getClassLoader();
    byte[] original = SessionDigest.written(value);
    Object copy = SessionDigest.read(original, classes);
    byte[] bytes = InOneOrder.written(copy, original.length, classes);
    System.out.println(name + " " + Arrays.hashCode(bytes) + " " + Arrays.hashCode(SessionDigest.written(copy)));
  }
  public static void main(String[] arguments) throws Exception {
    // As after another time of work: from here on, identities are others than in another process.
    for (long count = System.nanoTime() % 977; count > 0; count--) new Object().hashCode();
    String more = arguments.length > 0 ? arguments[0] : "pear";
    print("set", new Object[] {Set.of(Role.values()), "behind it", more});
    print("map", Map.of(Role.ADMIN, 1, Role.USER, 2, Role.GUEST, 3, Role.AUDITOR, 4, Role.OWNER, more));
    print("list", List.of(Set.of("apple", "plum", "fig", "lime"), more, Set.of(Role.ADMIN, Role.BUYER, Role.OWNER)));
    Map<Object, Object> roles = new HashMap<>();
    for (Role role : Role.values()) roles.put(role, role == Role.SELLER ? more : "x");
    print("roles", new Object[] {new HashSet<>(Arrays.asList(Role.values())), roles, new java.util.concurrent.ConcurrentHashMap<>(roles)});
    Parent parent = new Parent();
    for (String name : new String[] {"a", "b", "c", "d", more}) { Child child = new Child(name); child.parent = parent; parent.children.add(child); }
    print("family", parent);
    Shape shape = (Shape) java.lang.reflect.Proxy.newProxyInstance(Main.class.getClassLoader(), new Class<?>[] {Shape.class}, new Square());
    print("proxy", new Object[] {shape, more});
    Map<String, Object> words = new HashMap<>(512);
    for (int index = 0; index < 40; index++) words.put("word" + index, index % 7 == 0 ? more : index);
    print("words", words);
    List<Set<Object>> knot = new ArrayList<>();
    for (int index = 0; index < 12; index++) knot.add(new HashSet<>());
    for (Set<Object> one : knot) one.add(new Object[] {Role.USER, knot});
    print("knot", knot);
  }
}`;
const without = whyNoJava();

describe.skipIf(without !== undefined)(`equal objects in two Java processes${without ? ` (${without})` : ''}`, { timeout: 120_000 }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'one-order-'));
  const run = (...words: readonly string[]) => {
    const program = path.join(ensureJava().home, 'bin', 'java');
    const out = execFileSync(program, ['-XX:TieredStopAtLevel=1', '-cp', folder, 'holdfast.Main', ...words], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    const lines = out
      .trim()
      .split('\n')
      .map((line) => line.split(' ') as [string, string, string]);
    return { one: new Map(lines.map(([name, one]) => [name, one])), plain: new Map(lines.map(([name, , plain]) => [name, plain])) };
  };
  beforeAll(() => {
    mkdirSync(path.join(folder, 'holdfast'));
    const main = path.join(folder, 'holdfast', 'Main.java');
    writeFileSync(main, MAIN);
    const sources = ['InOneOrder', 'SessionDigest'].map((name) => path.join(JAVA, 'holdfast', `${name}.java`));
    const options = ['--release', '17', '-nowarn', '-implicit:class', '-sourcepath', path.join(JAVA, 'tomcat-api'), '-d', folder];
    execFileSync(path.join(ensureJava().home, 'bin', 'javac'), [...options, main, ...sources], { timeout: 60_000, stdio: 'pipe' });
  }, 90_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are written alike, where Java itself writes them in another order, and differ by one element', () => {
    const runs = [run(), run(), run(), run()];
    const others = run('peach');
    for (const name of ['set', 'map', 'list', 'roles', 'family', 'proxy', 'words']) {
      expect(new Set(runs.map(({ one }) => one.get(name))).size, name).toBe(1);
      expect(others.one.get(name), name).not.toBe(runs[0]?.one.get(name));
    }
    // Otherwise the test would show nothing: Java's own order differs between these processes.
    for (const name of ['set', 'map', 'roles']) expect(new Set(runs.map(({ plain }) => plain.get(name))).size, name).toBeGreaterThan(1);
  });

  it('are written in the order of one process where tables lead to each other again and again: it does not take for ever', () => {
    const { one, plain } = run();
    expect(one.get('knot')).toBe(plain.get('knot'));
  });
});
