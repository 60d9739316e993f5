// The frames that the page's player shows: when each was shown, and, of each READ_EVERY, how old its clock was then.
window.picture = { count: 0, firstAt: null, path: null, shownAt: [], ages: [], unreadable: 0 };

(() => {
  const KEPT = 3000;
  const watched = new WeakSet();

  new MutationObserver(() => {
    for (const video of document.querySelectorAll('video.video')) {
      if (watched.has(video)) continue;
      watched.add(video);
      watch(video);
    }
  }).observe(document, { childList: true, subtree: true });

  function watch(video) {
    video.requestVideoFrameCallback((now, { expectedDisplayTime }) => {
      watch(video);
      note(video, now);
      if (READ_EVERY && picture.count % READ_EVERY === 0) readClock(video, Math.max(now, expectedDisplayTime ?? now));
    });
  }

  function note(video, now) {
    picture.count++;
    if (picture.firstAt === null) Object.assign(picture, { firstAt: now, path: video.srcObject ? 'whep' : 'hls' });
    picture.shownAt.push(Math.round(performance.timeOrigin + now));
    if (picture.shownAt.length > KEPT) picture.shownAt.shift();
  }

  function readClock(video, at) {
    const age = window.clock.age(video, performance.timeOrigin + at);
    if (age === null) picture.unreadable++;
    else picture.ages.push([Math.round(at), age]);
  }
})();
