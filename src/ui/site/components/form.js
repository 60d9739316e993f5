// Forms: fields with their labels and errors, and a submit that shows what the server refused where it belongs.
import { h } from '../core/dom.js';
import { explain, t } from '../core/i18n.js';
import { toast } from './overlay.js';

let serial = 0;

/** A labelled field around one control; `hint` explains. The control's `name` is the API's name of the field. */
export function field(label, control, hint) {
  const id = (control.id ||= `field-${++serial}`);
  const help = h('p', { class: 'hint', id: `${id}-hint` }, hint || '');
  const problem = h('p', { class: 'problem', id: `${id}-problem`, role: 'alert' });
  control.setAttribute('aria-describedby', `${id}-hint ${id}-problem`);
  return h('div', { class: 'field', dataset: { field: control.name } }, h('label', { for: id }, label), control, help, problem);
}

export const input = (name, props = {}) => h('input', { class: 'input', name, ...props });
export const textarea = (name, props = {}) => h('textarea', { class: 'input', name, rows: 4, ...props });

/** A choice: options are `[value, text]`. */
export function select(name, options, value) {
  const list = options.map(([v, text]) => h('option', { value: v, selected: v === value }, text));
  return h('select', { class: 'input', name }, list);
}

/** A switch. */
export function toggle(name, label, on, onchange) {
  const box = h('input', { type: 'checkbox', name, role: 'switch', checked: on, onchange });
  return h('label', { class: 'switch' }, h('span', null, label), box);
}

/** A form that sends with `send(values, form)`; refusals appear at their fields, the rest above the button. */
export function form(fields, label, send, { quiet = false, className = 'form', wide = false } = {}) {
  const problem = h('p', { class: 'problem', role: 'alert' });
  const button = h('button', { class: `button primary${wide ? ' wide' : ''}`, type: 'submit' }, label);
  const box = h('form', { class: className, novalidate: true, method: 'post' }, fields, problem, h('div', { class: 'row end' }, button));
  box.addEventListener('submit', async (event) => {
    event.preventDefault();
    clear(box);
    const unread = [...box.elements].find((control) => control.validity?.badInput);
    if (unread) return place(box, { field: unread.name, detail: unread.validationMessage });
    button.disabled = true;
    try {
      await send(values(box), box);
      if (!quiet) toast(t('saved'), { kind: 'good' });
    } catch (error) {
      show(box, problem, error);
    } finally {
      button.disabled = false;
    }
  });
  return box;
}

/** What the form holds, by name; boxes as true or false. */
export function values(box) {
  const all = {};
  for (const control of box.elements) {
    if (!control.name) continue;
    all[control.name] = control.type === 'checkbox' ? control.checked : control.value;
  }
  return all;
}

function clear(box) {
  for (const problem of box.querySelectorAll('.problem')) problem.textContent = '';
  for (const control of box.querySelectorAll('[aria-invalid]')) control.removeAttribute('aria-invalid');
}

function show(box, problem, error) {
  if (!error.code) throw error;
  const placed = (error.fields || []).filter((item) => place(box, item));
  if (!placed.length) problem.textContent = explain(error);
  box.querySelector('[aria-invalid]')?.focus();
}

function place(box, { field: name, detail, code }) {
  const row = [...box.querySelectorAll('.field')].find((f) => f.dataset.field === name?.split(/[.[]/)[0]);
  if (!row) return false;
  row.querySelector('.problem').textContent = detail || explain({ code });
  row.querySelector('.input')?.setAttribute('aria-invalid', 'true');
  return true;
}
