// An image of one's own account, or of the site: what it is now; another one, chosen and looked at before it is sent; or none.
import { h, fill } from '../core/dom.js';
import { del, upload } from '../core/api.js';
import { explain, t } from '../core/i18n.js';
import { me, setMe } from '../core/session.js';
import { toast } from './overlay.js';

/** As the server has it. */
const TYPES = ['image/jpeg', 'image/png', 'image/webp'];
const BYTES_MAX = 2 * 1024 * 1024;
const LOOKS = { avatar: { class: 'avatar', width: 96, height: 96 }, cover: { class: 'cover' }, logo: { class: 'logo', width: 96, height: 96 } };

/** An image of one's own account. */
const ofAccount = (kind) => ({ path: `/users/me/${kind}`, url: () => me()?.[`${kind}_url`], take: setMe, drop: () => setMe({ ...me(), [`${kind}_url`]: null }) });

/** `kind` is `avatar`, `cover` or `logo`; `changed` is called when there is another, or none. `of` has its address at the interface, says
 * where the image is now, and takes what the server answers to another. */
export function imageField(kind, changed = () => {}, of = ofAccount(kind)) {
  const shown = h('div', { class: 'image-shown' });
  const problem = h('p', { class: 'problem', id: `${kind}-problem`, role: 'alert' });
  const chooser = h('input', { class: 'input', type: 'file', name: kind, id: `${kind}-file`, accept: TYPES.join(), 'aria-describedby': problem.id });
  const save = h('button', { class: 'button primary small', name: `${kind}-save` }, t('save'));
  const remove = h('button', { class: 'button quiet small', name: `${kind}-remove` }, t('image.remove'));

  function draw(preview) {
    const url = preview || of.url();
    fill(shown, url ? h('img', { ...LOOKS[kind], src: url, alt: preview ? t('image.preview') : t(`image.${kind}`) }) : h('p', { class: 'muted' }, t('image.none')), preview && h('p', { class: 'hint' }, t('image.preview')));
    save.hidden = !preview;
    remove.hidden = Boolean(preview) || !url;
  }

  function settle() {
    chooser.value = '';
    draw();
    changed();
  }

  /** Does it once at a time, and tells in words what went wrong. */
  async function attempt(act, done) {
    problem.textContent = '';
    save.disabled = remove.disabled = true;
    try {
      await act();
      settle();
      toast(t(done), { kind: 'good' });
    } catch (error) {
      if (!error.code) throw error;
      problem.textContent = told(error);
    } finally {
      save.disabled = remove.disabled = false;
    }
  }

  chooser.addEventListener('change', async () => {
    const [file] = chooser.files;
    problem.textContent = file ? unfit(file) : '';
    draw(file && !problem.textContent ? await read(file) : null);
  });
  save.addEventListener('click', () => attempt(async () => of.take(await upload(of.path, chooser.files[0])), 'saved'));
  remove.addEventListener('click', () => attempt(async () => {
    await del(of.path);
    of.drop();
  }, 'image.removed'));
  draw();
  return h('div', { class: 'image-field' }, h('label', { for: chooser.id }, t(`image.${kind}`)), shown, chooser, problem, h('div', { class: 'row end' }, remove, save));
}

/** What is wrong with a file as far as that shows before it is sent. */
function unfit(file) {
  if (!TYPES.includes(file.type)) return t('image.type');
  return file.size > BYTES_MAX ? t('image.bytes') : '';
}

function told(error) {
  if (error.code === 'payload_too_large') return t('image.bytes');
  if (error.code === 'unsupported_media_type') return t('image.type');
  if (error.code !== 'invalid_field') return explain(error);
  return t(error.fields[0]?.code === 'out_of_range' ? 'image.pixels' : 'image.broken');
}

/** The file as an address that the page may show. */
function read(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
