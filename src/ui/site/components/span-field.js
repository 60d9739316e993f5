// Fields in which a length of time is typed, as "10 min".
import { h } from '../core/dom.js';
import { spanWords, t } from '../core/i18n.js';
import { invalid } from '../core/invalid.js';
import { seconds } from '../core/spans.js';
import { field, input } from './form.js';

const OFFERED = [60, 600, 3600, 86_400, 604_800];

/** The field `name`, which shows `value` seconds (`Infinity` is for good) and offers some lengths; empty means nothing. */
export function spanField(name, label, value, { hint, offered = OFFERED } = {}) {
  const id = `spans-${name}`;
  const list = h('datalist', { id }, offered.map((length) => h('option', { value: spanWords(length) })));
  const box = input(name, { value: spanWords(value), list: id, autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false' });
  // What it begins with after the form was sent, too.
  box.defaultValue = box.value;
  const whole = field(label, box, hint ?? t('span.hint'));
  whole.append(list);
  return whole;
}

/** The seconds in a field of `values`, a number alone counting `unit`s of them, or an error that belongs to the field; for
 * good only where `forGood` says so. */
export function toSeconds(values, name, { forGood = false, unit = 1 } = {}) {
  const length = seconds(values[name], unit);
  if (length === null || (length === Infinity && !forGood)) throw invalid(name, t('span.invalid'));
  return length;
}
