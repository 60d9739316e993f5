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
  const theme = read('livehouse.theme');
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
  const lang = read('livehouse.lang') || (navigator.languages || []).find((l) => /^(zh|en)/i.test(l)) || 'en';
  root.lang = /^zh/i.test(lang) ? 'zh-CN' : 'en';
})();
