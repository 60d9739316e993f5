// The picture by WebRTC: WHEP, one offer and one answer.
import { offer, withdraw } from '../../core/api.js';
import { withStereo } from './sdp.js';

const TELLS = { failed: 'failed', disconnected: 'disconnected', connected: 'connected' };

/** Plays into `video`; `tell` hears the machine's events. Gives the way to end it. */
export function whep(video, { whep: url, ice_servers: iceServers }, tell) {
  const peer = new RTCPeerConnection({ iceServers: iceServers ?? [], bundlePolicy: 'max-bundle' });
  const stream = new MediaStream();
  let session = null;
  let closed = false;
  peer.addTransceiver('video', { direction: 'recvonly' });
  peer.addTransceiver('audio', { direction: 'recvonly' });
  peer.addEventListener('track', ({ track }) => stream.addTrack(track));
  peer.addEventListener('connectionstatechange', () => {
    const type = TELLS[peer.connectionState];
    if (type) tell({ type });
  });
  video.srcObject = stream;

  const begin = async () => {
    const { sdp } = await peer.createOffer();
    const mine = withStereo(sdp);
    await peer.setLocalDescription({ type: 'offer', sdp: mine });
    const answer = await offer(url, mine);
    session = answer.session;
    if (closed) return withdraw(session);
    await peer.setRemoteDescription({ type: 'answer', sdp: answer.sdp });
  };
  begin().catch((error) => closed || tell({ type: 'failed', code: error.code }));

  const close = () => {
    if (closed) return;
    closed = true;
    removeEventListener('pagehide', close);
    video.srcObject = null;
    // First the word, then the deed: the server would otherwise know no such session any more.
    (session ? withdraw(session) : Promise.resolve()).finally(() => peer.close());
  };
  addEventListener('pagehide', close);
  return { close, delay: () => 0, catchUp() {} };
}
