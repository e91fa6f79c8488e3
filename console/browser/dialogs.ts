/** Asks before anything is changed, and says what became of it. */
import { ApiError, mayChange } from './api.ts';
import { announce, type Child, h } from './dom.ts';

/** Said beside buttons in a tab that may only look. */
export const LOOK_ONLY =
  'This tab may look and change nothing: open the console by the link that "npm start" or "npx holdfast up" printed.';

/** A button for something that changes state: off in a tab that may only look. */
export function actionButton(label: string, key: string, onClick: () => void, tone = ''): HTMLButtonElement {
  const button = h('button', { type: 'button', class: tone, 'data-key': key, onclick: onClick }, label);
  if (mayChange()) return button;
  button.disabled = true;
  button.title = LOOK_ONLY;
  return button;
}

export interface Question {
  readonly title: string;
  /** What will happen, in words; drawn anew whenever something of the form is chosen. */
  readonly explain: (form: FormData) => string;
  readonly fields?: readonly Child[];
  readonly confirm: string;
  readonly tone?: 'danger';
  /** Carries it out. What it throws is shown, and the dialog stays. */
  readonly act: (form: FormData) => Promise<void>;
}

export function ask({ title, explain, fields = [], confirm, tone, act }: Question): void {
  const explanation = h('p', { id: 'dialog-explanation' });
  const failure = h('p', { class: 'failed', role: 'alert', hidden: true });
  const submit = h('button', { type: 'submit', class: tone ?? 'primary' }, confirm);
  const form = h(
    'form',
    { method: 'dialog' },
    h('h2', { id: 'dialog-title' }, title),
    ...fields,
    explanation,
    failure,
    h('p', { class: 'buttons' }, h('button', { type: 'button', onclick: () => dialog.close() }, 'Cancel'), submit),
  );
  const dialog = h(
    'dialog',
    { 'aria-labelledby': 'dialog-title', 'aria-describedby': 'dialog-explanation', onclose: () => dialog.remove() },
    form,
  );
  const retell = () => {
    explanation.textContent = explain(new FormData(form));
  };
  form.addEventListener('input', retell);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    submit.disabled = true;
    failure.hidden = true;
    try {
      await act(new FormData(form));
      dialog.close();
    } catch (error) {
      failure.textContent = error instanceof ApiError ? `${error.code}: ${error.message}` : String(error);
      failure.hidden = false;
      announce(failure.textContent);
    }
    submit.disabled = false;
  });
  retell();
  document.body.append(dialog);
  dialog.showModal();
}

/** Radio buttons; the first is chosen unless another is named. */
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
