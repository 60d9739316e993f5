// What a publisher sends, as figures to be shown: `[[name, text], …]`.

const NAMES = { h264: 'H.264', h265: 'HEVC', hevc: 'HEVC', av1: 'AV1', vp8: 'VP8', vp9: 'VP9', opus: 'Opus', aac: 'AAC' };
const nameOf = (codec) => NAMES[codec?.toLowerCase()] ?? codec;

/** `H.264 + Opus`. */
export function codecs({ video, audio }) {
  return [video?.codec, audio?.codec].filter(Boolean).map(nameOf).join(' + ') || '…';
}

/** Those that are known. */
export function figures({ video, audio }) {
  const all = [
    ['size', video?.width && video.height && `${video.width}×${video.height}`],
    ['fps', video?.fps && `${Math.round(video.fps)}`],
    ['kbps', video?.kbps && (video.kbps < 1000 ? `${Math.round(video.kbps)} kbit/s` : `${(video.kbps / 1000).toFixed(1)} Mbit/s`)],
    ['keyframes', video?.keyframe_s && `${Number(video.keyframe_s.toFixed(1))} s`],
    ['sound', audio?.rate && `${audio.rate / 1000} kHz${audio.channels ? ` · ${audio.channels}` : ''}`],
  ];
  return all.filter(([, text]) => text);
}
