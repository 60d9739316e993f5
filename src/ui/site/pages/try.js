// One call, tried from the page: a field for each parameter, the body as JSON, and what the server answered.
import { h, fill } from '../core/dom.js';
import { exchange } from '../core/api.js';
import { explain, t } from '../core/i18n.js';
import { address, sample } from './request.js';

/** More of an answer is not shown, in characters. */
const SHOWN = 20000;
let serial = 0;

/** A folded form for one operation of the document. */
export function tryIt(method, path, call, api) {
  const parameters = (call.parameters || []).filter((p) => p.in !== 'header');
  const fields = parameters.map((parameter) => ({ parameter, control: h('input', { class: 'input', name: parameter.name, id: `try-${++serial}`, required: parameter.required, autocomplete: 'off', spellcheck: 'false' }) }));
  const schema = Object.values(call.requestBody?.content || {})[0]?.schema;
  const body = schema && h('textarea', { class: 'input sample', rows: 6, id: `try-${++serial}`, spellcheck: 'false', value: sample(schema, api) });
  const answer = h('div', { role: 'status' });
  const send = h('button', { class: 'button primary', type: 'submit' }, t('docs.send'));
  const box = h('form', { class: 'form', method: 'post' },
    fields.map(({ parameter, control }) => labelled(parameter.name, control)),
    body && labelled(t('docs.body'), body),
    h('div', { class: 'row end' }, send), answer);
  box.addEventListener('submit', async (event) => {
    event.preventDefault();
    send.disabled = true;
    fill(answer, await attempt(method, address(path, fields.map(({ parameter, control }) => ({ parameter, value: control.value }))), body?.value));
    send.disabled = false;
  });
  return h('details', { class: 'try' }, h('summary', null, t('docs.try')), h('p', { class: 'muted small' }, t('docs.try.hint')), box);
}

const labelled = (text, control) => h('div', { class: 'field' }, h('label', { for: control.id }, text), control);

async function attempt(method, path, body) {
  try {
    const response = await exchange(method.toUpperCase(), path, body || undefined);
    const text = await response.text();
    return [
      h('p', null, h('code', { class: response.ok ? 'status ok' : 'status' }, String(response.status)), ' ', response.statusText, ' · ', h('code', null, response.headers.get('x-request-id') || '')),
      text && h('pre', { class: 'sample', tabindex: 0 }, pretty(text).slice(0, SHOWN)),
    ];
  } catch (error) {
    return h('p', { class: 'problem' }, explain(error));
  }
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
