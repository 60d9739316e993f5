// The few words of an SDP that browsers leave out or put in an order that does not suit.

/** Asks for both channels of Opus: a browser plays one unless both sides say so (RFC 7587, 7). */
export function withStereo(sdp) {
  const kind = /^a=rtpmap:(\d+) opus\//im.exec(sdp)?.[1];
  if (!kind) return sdp;
  return sdp.replace(new RegExp(`^a=fmtp:${kind} .*$`, 'm'), (line) => (/\bstereo=1/.test(line) ? line : `${line};stereo=1`));
}

/** Codecs with those of `first` before the others, as `setCodecPreferences` wants them. */
export function preferred(codecs, first) {
  const is = ({ mimeType }) => mimeType.toLowerCase() === first;
  return [...codecs.filter(is), ...codecs.filter((codec) => !is(codec))];
}
