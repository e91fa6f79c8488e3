/** A shop that changes what is in the session without setting it again, on two real Tomcats with Redisson at a real store. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyNoJava } from '../../setup/java.mjs';
import { Browser, type CartServers, cartServers, exampleTomcat } from './java/cart-servers.ts';
import type { RunningTomcat } from './java/tomcat-releases.ts';

const noJava = whyNoJava();

describe.skipIf(noJava !== undefined)(`sessionUpdates: afterRequest${noJava ? ` (${noJava})` : ''}`, () => {
  let servers: CartServers;
  let first: RunningTomcat;
  let second: RunningTomcat;
  beforeAll(async () => {
    servers = await cartServers(await exampleTomcat());
    [first, second] = await Promise.all([servers.start(), servers.start()]);
  });
  afterAll(() => servers?.stop());

  it('writes what a request adds to a list that it got: the next one reads it on another server', async () => {
    const user = new Browser();
    await user.ask(first, { do: 'begin' });
    await user.ask(second, { do: 'add', name: 'cart', item: 'apples' });
    await user.ask(first, { do: 'add', name: 'cart', item: 'pears' });
    expect(await user.ask(second, { do: 'show' })).toBe('cart=[apples, pears] wishes=[]');
    expect(await user.ask(first, { do: 'show' })).toBe('cart=[apples, pears] wishes=[]');
  });

  it('writes what is added after the list was set in the same request', async () => {
    const user = new Browser();
    await user.ask(first, { do: 'begin', item: 'apples' });
    expect(await user.ask(second, { do: 'show' })).toBe('cart=[apples] wishes=[]');
  });

  it('loses neither attribute of two requests at once on two servers', async () => {
    const user = new Browser();
    await user.ask(first, { do: 'begin' });
    // Both have read both lists before either writes.
    await Promise.all([
      user.ask(first, { do: 'add', name: 'cart', item: 'apples', waitMs: '300' }),
      user.ask(second, { do: 'add', name: 'wishes', item: 'pears', waitMs: '300' }),
    ]);
    expect(await user.ask(first, { do: 'show' })).toBe('cart=[apples] wishes=[pears]');
  });

  it('keeps what two requests at once on one server add to one list', async () => {
    const user = new Browser();
    await user.ask(first, { do: 'begin' });
    await Promise.all([
      user.ask(second, { do: 'add', name: 'cart', item: 'apples', waitMs: '300' }),
      user.ask(second, { do: 'add', name: 'cart', item: 'pears', waitMs: '600' }),
    ]);
    expect(await user.ask(first, { do: 'show' })).toBe('cart=[apples, pears] wishes=[]');
  });
});
