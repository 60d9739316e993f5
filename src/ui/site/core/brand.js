// What this site is called, its logo and its colour, as its administrators set them. What was last seen stands there at once.
import { keep, kept } from './prefs.js';
import { shades } from './shades.js';

const KEPT = 'livehouse.brand';
const USUAL = { name: 'Livehouse', accent: null, logo: null };
const LOGO = /^\/api\/v1\/site\/logo\?v=[0-9a-f]+$/;

let brand = remembered();

/** What the site is called. */
export const siteName = () => brand.name;

/** Where its logo is; null where it has none of its own. */
export const siteLogo = () => brand.logo;

/** Takes it as the site says; whether that is another than before. */
export function rebrand({ name = USUAL.name, accent = null, logo_url: logo = null }) {
  const isOther = name !== brand.name || accent !== brand.accent || logo !== brand.logo;
  brand = { name, accent, logo };
  if (isOther) keep(KEPT, name === USUAL.name && !accent && !logo ? null : JSON.stringify(brand));
  paint();
  return isOther;
}

/** Colours the page: what is read in the colour, or on it, can be read in both themes. */
export function paint(style = document.documentElement.style) {
  for (const [name, value] of Object.entries(brand.accent ? shades(brand.accent) : NONE)) {
    if (value) style.setProperty(name, value);
    else style.removeProperty(name);
  }
}

const NONE = { '--accent': null, '--accent-hover': null, '--accent-text': null, '--accent-soft': null, '--focus': null };

function remembered() {
  try {
    const { name, accent, logo } = JSON.parse(kept(KEPT));
    return { name: String(name), accent: /^#[0-9a-f]{6}$/.test(accent) ? accent : null, logo: LOGO.test(logo) ? logo : null };
  } catch {
    return USUAL;
  }
}
