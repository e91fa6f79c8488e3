/** Buttons and dialogs for changes: each change is explained and confirmed, and its failure is shown. */
import { ApiError } from './api.ts';
import { announce, type Child, h, setText } from './dom.ts';
import { canChange, whereText } from './where.ts';

/** A button for a change; none where the caller may change nothing, which the page says at its top. */
export const actionButton = (label: string, key: string, onClick: () => void, tone = ''): Child =>
  canChange() && h('button', { type: 'button', class: tone, 'data-key': key, onclick: onClick }, label);

export interface DialogOptions {
  readonly title: string;
  /** What will happen. Called again whenever the form changes. */
  readonly explain: (form: FormData) => string;
  readonly fields?: readonly Child[];
  readonly confirm: string;
  readonly tone?: 'danger';
  /** A second button, which changes nothing: what it finds is shown until the form changes. */
  readonly check?: { readonly label: string; readonly run: (form: FormData) => Promise<HTMLElement> };
  /** Makes the change. When it throws, the dialog shows the error and stays open. */
  readonly act: (form: FormData) => Promise<void>;
}

export function openDialog({ title, explain, fields = [], confirm, tone, check, act }: DialogOptions): void {
  const explanation = h('p', { id: 'dialog-explanation' });
  const failure = h('p', { class: 'failed', role: 'alert', hidden: true });
  const submit = h('button', { type: 'submit', class: tone ?? 'primary' }, confirm);
  const found = h('div', { 'aria-live': 'polite' });
  const checking = check && h('button', { type: 'button', onclick: () => void runCheck() }, check.label);
  const form = h(
    'form',
    { method: 'dialog' },
    h('h2', { id: 'dialog-title' }, title),
    h('p', { class: 'faint' }, whereText()),
    ...fields,
    explanation,
    found,
    failure,
    h('p', { class: 'buttons' }, h('button', { type: 'button', onclick: () => dialog.close() }, 'Cancel'), checking, submit),
  );
  const dialog = h(
    'dialog',
    { 'aria-labelledby': 'dialog-title', 'aria-describedby': 'dialog-explanation', onclose: () => dialog.remove() },
    form,
  );
  const updateExplanation = () => {
    setText(explanation, explain(new FormData(form)));
  };
  const showFailure = (error: unknown) => {
    setText(failure, error instanceof ApiError ? `${error.code}: ${error.message}` : String(error));
    failure.hidden = false;
    announce(failure.textContent);
  };
  const runCheck = async () => {
    if (!check || !checking) return;
    checking.disabled = true;
    failure.hidden = true;
    const asked = new FormData(form);
    try {
      const element = await check.run(asked);
      const isSame = JSON.stringify([...asked]) === JSON.stringify([...new FormData(form)]);
      if (isSame) found.replaceChildren(element);
    } catch (error) {
      showFailure(error);
    }
    checking.disabled = false;
  };
  form.addEventListener('input', () => {
    updateExplanation();
    found.replaceChildren();
  });
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    submit.disabled = true;
    failure.hidden = true;
    try {
      await act(new FormData(form));
      dialog.close();
    } catch (error) {
      showFailure(error);
    }
    submit.disabled = false;
  });
  updateExplanation();
  document.body.append(dialog);
  dialog.showModal();
}

/** Radio buttons. @param chosen the first by default */
export function choice(
  name: string,
  legend: string,
  options: readonly { readonly value: string; readonly label: string; readonly hint?: string }[],
  chosen = options[0]?.value,
): HTMLElement {
  return h(
    'fieldset',
    {},
    h('legend', {}, legend),
    ...options.map(({ value, label, hint }) =>
      h(
        'label',
        { class: 'option' },
        h('input', { type: 'radio', name, value, checked: value === chosen }),
        ` ${label}`,
        hint ? h('span', { class: 'faint' }, ` ${hint}`) : null,
      ),
    ),
  );
}
