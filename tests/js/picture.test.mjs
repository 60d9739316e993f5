// The small pure parts of the picture: an SDP's words, the figures of an encoder, an offer and its end, what a room is told.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { json, problem, serve } from './support.mjs';
import { joined, net, snapshot } from './harness.mjs';
import { authorizeWith, here, offer, withdraw } from '../../src/ui/site/core/api.js';
import { preferred, withStereo } from '../../src/ui/site/room/player/sdp.js';
import { RoomState } from '../../src/ui/site/room/state.js';
import { codecs, figures } from '../../src/ui/site/studio/broadcast/figures.js';

const SDP = ['v=0', 'm=audio 9 UDP/TLS/RTP/SAVPF 111 9', 'a=rtpmap:111 opus/48000/2', 'a=fmtp:111 minptime=10;useinbandfec=1', 'a=rtpmap:9 G722/8000', 'a=fmtp:9 x=1', ''].join('\r\n');

test('both channels are asked for, once, of Opus alone', () => {
  const asked = withStereo(SDP);
  assert.equal(asked, SDP.replace('useinbandfec=1', 'useinbandfec=1;stereo=1'));
  assert.equal(withStereo(asked), asked);
  assert.equal(withStereo('v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n'), 'v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n');
});

test('the wanted codec comes first, and the others stay as they were', () => {
  const of = (...names) => names.map((mimeType) => ({ mimeType }));
  assert.deepEqual(preferred(of('video/VP8', 'video/H264', 'video/rtx', 'video/H264'), 'video/h264'), of('video/H264', 'video/H264', 'video/VP8', 'video/rtx'));
  assert.deepEqual(preferred(of('video/VP8'), 'video/h264'), of('video/VP8'));
});

test('what an encoder sends is told as far as it is known', () => {
  const video = { codec: 'h264', width: 1280, height: 720, fps: 29.97, kbps: 2450, keyframe_s: 2.04, b_frames: false };
  const audio = { codec: 'opus', rate: 48000, channels: 2 };
  assert.equal(codecs({ video, audio }), 'H.264 + Opus');
  assert.deepEqual(figures({ video, audio }), [['size', '1280×720'], ['fps', '30'], ['kbps', '2.5 Mbit/s'], ['keyframes', '2 s'], ['sound', '48 kHz · 2']]);
  assert.deepEqual([codecs({ video: null, audio: null }), figures({ video: null, audio: null })], ['…', []]);
  assert.deepEqual(figures({ video: { codec: 'vp8', kbps: 640 }, audio: null }), [['kbps', '640 kbit/s']]);
  assert.equal(codecs({ video: { codec: 'theora' } }), 'theora');
});

test('an offer goes to this page\'s own server as an SDP, and its answer says where to end it', async () => {
  const calls = [];
  globalThis.fetch = async (url, init) => {
    calls.push([init.method, url, init.headers['content-type'], init.headers.authorization, init.body, init.keepalive]);
    return new Response('v=0 answer', { status: 201, headers: { location: 'https://known.example/api/v1/media/m1' } });
  };
  authorizeWith({ token: async () => 'good' });
  const answer = await offer('https://known.example/api/v1/streams/s/whip?takeover=true', 'v=0 offer');
  assert.deepEqual(answer, { sdp: 'v=0 answer', session: '/api/v1/media/m1' });
  await withdraw(answer.session);
  authorizeWith({ token: async () => null });
  assert.deepEqual(calls, [
    ['POST', '/api/v1/streams/s/whip?takeover=true', 'application/sdp', 'Bearer good', 'v=0 offer', undefined],
    ['DELETE', '/api/v1/media/m1', undefined, 'Bearer good', undefined, true],
  ]);
  assert.equal(here('/api/v1/x?y=1'), '/api/v1/x?y=1');
});

test('a refused offer says why, and an end that does not arrive is nobody\'s trouble', async () => {
  serve({ 'GET /x': json({}) });
  globalThis.fetch = async () => problem(422, 'no_common_codec');
  await assert.rejects(offer('/api/v1/streams/s/whep', 'v=0'), { code: 'no_common_codec', status: 422 });
  globalThis.fetch = async () => { throw new TypeError('no network'); };
  await withdraw('/api/v1/media/m1');
});

test('a room hears of its picture and of its encoder, and a snapshot takes neither back', async () => {
  const { it } = await joined();
  const state = new RoomState(it, { id: 's', picture: { state: 'live' } });
  assert.deepEqual([state.picture, state.ingest], [null, null], 'what the document says has no ways to play');
  const told = [];
  state.on('picture', (picture) => told.push(picture.state));
  net.sockets[0].say({ type: 'picture', state: 'live', whep: true, hls: false }, { type: 'ingest', publisher: null, warnings: ['b_frames'] });
  net.sockets[0].say({ ...snapshot(11), stream: { id: 's', picture: { state: 'stalled' } } });
  assert.deepEqual([told, state.picture.whep, state.ingest.warnings], [['live'], true, ['b_frames']]);
  it.close();
});
