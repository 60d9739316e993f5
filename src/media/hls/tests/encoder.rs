//! What a real encoder makes, as samples. Who asks for it is ignored, unless it is asked for: not every machine has ffmpeg.

use crate::media::{
    h264::{AccessUnit, ParameterSets, avcc, nal::length_prefixed},
    sample::{AudioConfig, CodedPicture, CodedSound, Sample},
};
use bytes::Bytes;
use mp4_atom::{Atom, Codec, DecodeMaybe, Header, Moof, Moov, Trak};
use std::{
    path::PathBuf,
    process::{Command, Stdio},
    sync::Arc,
};

/// Runs a program of ffmpeg's.
pub(super) fn ffmpeg(program: &str, arguments: &str) -> Vec<u8> {
    let output = Command::new(program).args(arguments.split_whitespace()).stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{program} is needed here: {error}"));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && told.is_empty(), "{program} {arguments}: {told}");
    output.stdout
}

/// A file that is gone when this is dropped.
pub(super) struct Scratch(pub(super) PathBuf);

impl Scratch {
    pub(super) fn new(name: &str, bytes: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("livehouse-hls-{}-{name}", std::process::id()));
        std::fs::write(&path, bytes).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Samples of so many seconds, 30 pictures each, encoded with these options, in order of their times.
pub(crate) fn encoded(seconds: u32, size: &str, video: &str, audio: &str) -> Vec<Sample> {
    let sources = format!("-f lavfi -i testsrc2=s={size}:r=30 -f lavfi -i sine=f=440:r=48000");
    let muxer = "-f mp4 -movflags frag_keyframe+empty_moov+default_base_moof -";
    let arguments = format!(
        "-v error {sources} -t {seconds} -c:v libx264 -pix_fmt yuv420p -g 60 {video} {audio} {muxer}"
    );
    samples(&ffmpeg("ffmpeg", &arguments))
}

/// The samples of a file of fragments.
pub(crate) fn samples(file: &[u8]) -> Vec<Sample> {
    let mut found: Vec<(f64, Sample)> = Vec::new();
    let (mut rest, mut tracks) = (file, Vec::new());
    while let Ok(Some(header)) = Header::decode_maybe(&mut rest) {
        let body = rest.split_off(..header.size.unwrap()).unwrap();
        if header.kind == Moov::KIND {
            let moov = Moov::decode_body(&mut &body[..]).unwrap();
            found.extend(moov.trak.iter().flat_map(configuration).map(|sample| (-1.0, sample)));
            tracks = moov.trak;
        } else if header.kind == Moof::KIND {
            let moof = Moof::decode_body(&mut &body[..]).unwrap();
            let begins = file.len() - rest.len() - body.len() - 8;
            found.extend(of_fragment(&moof, &tracks, &file[begins..]));
        }
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    found.into_iter().map(|(_, sample)| sample).collect()
}

fn configuration(track: &Trak) -> Option<Sample> {
    match &track.mdia.minf.stbl.stsd.codecs[0] {
        Codec::Avc1(avc1) => {
            let mut record = Vec::new();
            avc1.avcc.encode_body(&mut record).unwrap();
            let record = avcc::read(&record).unwrap();
            let mut sets = ParameterSets::default();
            sets.learn(Some(record.sps), Some(record.pps)).unwrap();
            Some(Sample::VideoConfig(sets.config().unwrap().clone()))
        }
        Codec::Opus(opus) => {
            let config = AudioConfig::Opus { channels: opus.dops.output_channel_count };
            Some(Sample::AudioConfig(Arc::new(config)))
        }
        Codec::Mp4a(mp4a) => {
            let specific = mp4a.esds.es_desc.dec_config.dec_specific.as_ref().unwrap().raw.clone();
            let rate = track.mdia.mdhd.timescale;
            let channels = mp4a.audio.channel_count as u8;
            let config = AudioConfig::Aac { specific: specific.into(), rate, channels };
            Some(Sample::AudioConfig(Arc::new(config)))
        }
        other => panic!("{other:?}"),
    }
}

fn of_fragment(moof: &Moof, tracks: &[Trak], from_moof: &[u8]) -> Vec<(f64, Sample)> {
    let mut found = Vec::new();
    for traf in &moof.traf {
        let track = tracks.iter().find(|track| track.tkhd.track_id == traf.tfhd.track_id).unwrap();
        let scale = f64::from(track.mdia.mdhd.timescale);
        let mut at = traf.tfdt.as_ref().unwrap().base_media_decode_time;
        for trun in &traf.trun {
            let mut offset = trun.data_offset.unwrap() as usize;
            for entry in &trun.samples {
                let size = entry.size.or(traf.tfhd.default_sample_size).unwrap() as usize;
                let length = entry.duration.or(traf.tfhd.default_sample_duration).unwrap();
                let data = &from_moof[offset..offset + size];
                let sample = if &track.mdia.hdlr.handler.as_ref()[..] == b"vide" {
                    let ticks = |time: f64| (time * 90_000.0 / scale).round() as i64;
                    picture(data, ticks(at as f64), ticks(entry.cts.unwrap_or(0) as f64))
                } else {
                    Sample::Sound(CodedSound { at: at as i64, length, data: Bytes::copy_from_slice(data) })
                };
                found.push((at as f64 / scale, sample));
                offset += size;
                at += u64::from(length);
            }
        }
    }
    found
}

fn picture(data: &[u8], at: i64, shown_after: i64) -> Sample {
    let mut unit = AccessUnit::new(2 << 20);
    length_prefixed(data, 4).for_each(|nal| unit.push(nal.unwrap()).unwrap());
    let unit = unit.take();
    let shown_after = shown_after as i32;
    Sample::Picture(CodedPicture { at, shown_after, is_key: unit.is_key, nals: unit.nals })
}
