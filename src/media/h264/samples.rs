//! Parameter sets as x264 writes them, for tests.

use data_encoding::HEXLOWER;

/// The set in hexadecimal digits, its three bytes of profile, width and height.
pub(crate) const SPS: &[(&str, [u8; 3], u32, u32)] = &[
    ("6764001facd9405005bb0110000003001000000303c0f1831960", [100, 0, 31], 1280, 720),
    ("67640028acd940780227e5c044000003000400000300f03c60c658", [100, 0, 40], 1920, 1080),
    ("6742c01ed900a02ff970110000030001000003003c0f162e48", [66, 0xc0, 30], 640, 360),
    ("674d401eeca05017f5360220000003002000000781e2c5b2c0", [77, 0x40, 30], 638, 358),
    ("67f4000d919b282810fc7e0220000003002000000781e28532c0", [244, 0, 13], 320, 242),
    ("677a000dbcd94151fe23c044000003000400000300f03c50a658", [122, 0, 13], 322, 240),
    // Interlaced: fields, of which two make a frame.
    ("67640028acd94078044fde0220000003002000000783e2c5b2c0", [100, 0, 40], 1920, 1080),
];

/// Any picture parameter set that goes with them as far as containers care.
pub(crate) const PPS: &[u8] = &[0x68, 0xeb, 0xe3, 0xcb, 0x22, 0xc0];

/// Bytes of hexadecimal digits.
pub(crate) fn bytes(digits: &str) -> Vec<u8> {
    HEXLOWER.decode(digits.as_bytes()).unwrap()
}

/// The set of 640x360, which is baseline.
pub(crate) fn sps() -> Vec<u8> {
    bytes(SPS[2].0)
}
