// What this browser can play.

/** Whether it plays HLS by itself, and well: others that claim to are many seconds behind. */
export const playsHls = () => 'ManagedMediaSource' in globalThis && Boolean(document.createElement('video').canPlayType('application/vnd.apple.mpegurl'));

/** For the machine that chooses. */
export function capable() {
  const codecs = globalThis.RTCRtpReceiver?.getCapabilities?.('video')?.codecs ?? [];
  return {
    webrtc: 'RTCPeerConnection' in globalThis,
    h264: codecs.some(({ mimeType }) => mimeType.toLowerCase() === 'video/h264'),
    hls: 'MediaSource' in globalThis || playsHls(),
  };
}
