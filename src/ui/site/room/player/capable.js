// What this browser can play.

/** Whether it plays HLS by itself, and well: others that claim to are many seconds behind. */
export const playsHls = () => 'ManagedMediaSource' in globalThis && Boolean(document.createElement('video').canPlayType('application/vnd.apple.mpegurl'));

/** For the machine that chooses. Which codecs there are is asked once it matters: a browser takes a while to find out. */
export function capable() {
  return {
    webrtc: 'RTCPeerConnection' in globalThis,
    hls: 'MediaSource' in globalThis || playsHls(),
    get h264() {
      const codecs = globalThis.RTCRtpReceiver?.getCapabilities?.('video')?.codecs ?? [];
      return codecs.some(({ mimeType }) => mimeType.toLowerCase() === 'video/h264');
    },
  };
}
