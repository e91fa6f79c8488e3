/** Creates and replaces elements. Strings are always inserted as text, which turns no direction and hides nothing. */
import { printable } from '../../functions/shared/foreign-text.ts';

export type Child = Node | string | number | false | null | undefined;
type Attributes = Readonly<Record<string, string | number | boolean | undefined | ((event: Event) => void)>>;

/** Creates an element. Attributes such as `onclick` are listeners; false and undefined leave an attribute out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== undefined) element.setAttribute(name, printable(String(value)));
  }
  element.append(...children.filter((child) => child !== false && child !== null && child !== undefined).map(nodeOf));
  return element;
}

const nodeOf = (child: Child): Node => (child instanceof Node ? child : document.createTextNode(printable(String(child))));

/**
 * Replaces the content and keeps the user's place: elements with the same `data-key` keep their focus, open details, scroll
 * position and what is typed into them.
 */
export function replace(container: Element, ...children: Child[]): void {
  const { activeElement } = document;
  const focused = container.contains(activeElement) ? activeElement?.getAttribute('data-key') : null;
  const keyed = () => [...container.querySelectorAll<HTMLElement>('[data-key]')];
  const open = new Set(keyed().flatMap((one) => (one instanceof HTMLDetailsElement && one.open ? one.dataset['key'] : [])));
  const scrolled = new Map(keyed().map((one) => [one.dataset['key'], one.scrollLeft]));
  const fields = new Map(keyed().map((one) => [one.dataset['key'], one instanceof HTMLInputElement && one]));
  container.replaceChildren(h('div', {}, ...children));
  container.firstElementChild?.replaceWith(...(container.firstElementChild?.childNodes ?? []));
  for (const one of keyed()) {
    const { key } = one.dataset;
    if (one instanceof HTMLDetailsElement && open.has(key)) one.open = true;
    one.scrollLeft = scrolled.get(key) ?? 0;
    const field = fields.get(key);
    if (field) {
      one.replaceWith(field);
      field.dispatchEvent(new Event('input'));
    }
    if (focused && key === focused) (field || one).focus({ preventScroll: true });
  }
}

/** Gives an element another text. The same one is not announced again. */
export function setText(element: Element, text: string): void {
  const shown = printable(text);
  if (element.textContent !== shown) element.textContent = shown;
}

/** Announces a text to screen readers. */
export function announce(text: string): void {
  const announcer = document.getElementById('announcer');
  if (announcer) setText(announcer, text);
}
