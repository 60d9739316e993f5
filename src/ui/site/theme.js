// Runs before the first paint: theme and language of the document, so that nothing flashes; and says so where the
// modules do not come.
(() => {
  const root = document.documentElement;
  const read = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  };
  const system = matchMedia('(prefers-color-scheme: dark)');
  const show = () => {
    const chosen = read('livehouse.theme');
    root.dataset.theme = chosen === 'light' || chosen === 'dark' ? chosen : system.matches ? 'dark' : 'light';
  };
  show();
  system.addEventListener('change', show);
  const lang = read('livehouse.lang') || (navigator.languages || []).find((l) => /^(zh|en)/i.test(l)) || 'en';
  root.lang = /^zh/i.test(lang) ? 'zh-CN' : 'en';
  // The words of that language, before the first module has asked for them.
  const words = root.lang === 'en' ? 'en' : 'zh';
  for (const list of [words, ...['admin', 'codes', 'room', 'site', 'studio'].map((theme) => `${words}/${theme}`)]) {
    document.head.append(Object.assign(document.createElement('link'), { rel: 'modulepreload', fetchPriority: 'high', href: document.currentScript.src.replace('theme.js', `lang/${list}.js`) }));
  }
  const failed = (event) => {
    const main = document.querySelector('main');
    const ofModules = event.target.tagName === 'SCRIPT' || (event instanceof ErrorEvent && /\bmodule\b|import/i.test(event.message));
    if (!ofModules || !main || main.firstChild) return;
    main.textContent = root.lang === 'en' ? 'The page could not be loaded. Please reload it.' : '页面加载失败，请刷新重试。';
    main.classList.add('noscript');
  };
  addEventListener('error', failed, true);
})();
