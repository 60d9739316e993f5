// Moments as date fields have them, and as the API does.
import { t } from './i18n.js';
import { invalid } from './invalid.js';

/** The last minute that the API knows, for the `max` of a date field. */
export const LAST_MINUTE = '9999-12-30T23:59';

/** `2026-05-01T20:00` of the date field `name`, in this time zone, as the API wants it; empty is null. */
export function toTime(local, name) {
  if (!local) return null;
  const time = new Date(local);
  if (local > LAST_MINUTE || local.indexOf('-') > 4 || Number.isNaN(time.getTime())) throw invalid(name, t('time.invalid'));
  return time.toISOString();
}

/** The other way. */
export function fromTime(iso) {
  if (!iso) return '';
  const date = new Date(iso);
  return new Date(date - date.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}
