// Runs before the first paint: theme and language of the document, so that nothing flashes.
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
})();
