/** Makes and replaces elements. Texts are always set as text. */

export type Child = Node | string | number | false | null | undefined;
type Attributes = Readonly<Record<string, string | number | boolean | undefined | ((event: Event) => void)>>;

/** An element with attributes (`onclick` and the like are listeners; false and undefined leave one out) and children. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child !== false && child !== null && child !== undefined).map(nodeOf));
  return element;
}

const nodeOf = (child: Child): Node => (child instanceof Node ? child : document.createTextNode(String(child)));

/**
 * Puts new content in, and leaves the user where they were: the focus on what has the same `data-key`, details as open as they
 * were, tables as far scrolled.
 */
export function replace(container: Element, ...children: Child[]): void {
  const { activeElement } = document;
  const focused = container.contains(activeElement) ? activeElement?.getAttribute('data-key') : null;
  const keyed = () => [...container.querySelectorAll<HTMLElement>('[data-key]')];
  const open = new Set(keyed().flatMap((one) => (one instanceof HTMLDetailsElement && one.open ? one.dataset['key'] : [])));
  const scrolled = new Map(keyed().map((one) => [one.dataset['key'], one.scrollLeft]));
  container.replaceChildren(h('div', {}, ...children));
  container.firstElementChild?.replaceWith(...(container.firstElementChild?.childNodes ?? []));
  for (const one of keyed()) {
    const { key } = one.dataset;
    if (one instanceof HTMLDetailsElement && open.has(key)) one.open = true;
    one.scrollLeft = scrolled.get(key) ?? 0;
    if (focused && key === focused) one.focus({ preventScroll: true });
  }
}

/** Says something to those who do not see the page. */
export function announce(text: string): void {
  const announcer = document.getElementById('announcer');
  if (announcer && announcer.textContent !== text) announcer.textContent = text;
}

/** A table that scrolls by itself where the page is narrow. */
export function table(
  key: string,
  caption: string,
  head: readonly string[],
  rows: readonly (readonly Child[])[],
  numeric: readonly number[] = [],
): HTMLElement {
  const cell = (tag: 'td' | 'th') => (content: Child, column: number) =>
    h(tag, { class: numeric.includes(column) ? 'number' : undefined, scope: tag === 'th' ? 'col' : undefined }, content);
  return h(
    'div',
    { class: 'wide', tabindex: 0, role: 'region', 'aria-label': caption, 'data-key': key },
    h(
      'table',
      {},
      h('caption', { class: 'unseen' }, caption),
      h('thead', {}, h('tr', {}, ...head.map(cell('th')))),
      h('tbody', {}, ...rows.map((row) => h('tr', {}, ...row.map(cell('td'))))),
    ),
  );
}
