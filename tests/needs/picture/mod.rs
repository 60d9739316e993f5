//! The picture with sources and viewers that nobody here wrote: aiortc by WebRTC, ffmpeg by RTMP, its output by HLS.

mod attacks;
mod ends;
mod nodes;
pub mod peer;
mod preview;
mod recordings;
mod relay;
mod rtmp;
mod servers;
mod webrtc;

use libtest_mimic::Trial;

pub fn tests() -> Vec<Trial> {
    [
        attacks::tests(),
        ends::tests(),
        nodes::tests(),
        preview::tests(),
        recordings::tests(),
        rtmp::tests(),
        servers::tests(),
        webrtc::tests(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
