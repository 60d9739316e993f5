//! The fuzz targets over their kept corpus and over what a mutator makes of it: seconds, and no nightly toolchain.

use crate::fuzz::bodies;
use std::{fs, path::PathBuf};

/// How often each file is changed, and how often one after the other.
const ROUNDS: usize = 60;
const CHANGES: usize = 4;

type Body = fn(&[u8]);

const TARGETS: &[(&str, Body)] = &[
    ("configuration", |bytes| bodies::configuration(&text(bytes))),
    ("content", |bytes| bodies::content(&text(bytes))),
    ("cursor", |bytes| bodies::cursor(&text(bytes))),
    ("flv_tag", bodies::flv_tag),
    ("guard", bodies::guard),
    ("hls_query", |bytes| bodies::hls_query(&text(bytes))),
    ("hook_nginx", bodies::hook_nginx),
    ("hook_srs", bodies::hook_srs),
    ("op", |bytes| bodies::op(&text(bytes))),
    ("playback_url", |bytes| bodies::playback_url(&text(bytes))),
    ("rtmp_guard", bodies::rtmp_guard),
    ("rtmp_session", bodies::rtmp_session),
    ("rtp_frames", bodies::rtp_frames),
    ("sdp_offer", |bytes| bodies::sdp_offer(&text(bytes))),
    ("terms", |bytes| bodies::terms(&text(bytes))),
    ("text", |bytes| bodies::text(&text(bytes))),
    ("token", |bytes| bodies::token(&text(bytes))),
    ("username", |bytes| bodies::username(&text(bytes))),
];

#[test]
fn what_was_kept_and_what_comes_of_it_holds() {
    for (name, body) in TARGETS {
        let files = corpus(name);
        assert!(!files.is_empty(), "no corpus for {name}");
        for (at, file) in files.iter().enumerate() {
            body(file);
            let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ (at as u64 + 1));
            for _ in 0..ROUNDS {
                let mut bytes = file.clone();
                for _ in 0..=dice.below(CHANGES) {
                    change(&mut bytes, &files, &mut dice);
                }
                attempt(name, *body, &bytes);
            }
        }
    }
}

#[test]
fn every_target_has_a_corpus_and_is_run_here() {
    let mut targets = names("fuzz_targets");
    targets.iter_mut().for_each(|name| *name = name.trim_end_matches(".rs").to_owned());
    let run: Vec<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!((&targets, &names("corpus")), (&run, &run));
}

/// Runs a body; what breaks it is shown as bytes, to be kept in the corpus.
fn attempt(name: &str, body: Body, bytes: &[u8]) {
    if let Err(panic) = std::panic::catch_unwind(|| body(bytes)) {
        eprintln!("{name} broke at b\"{}\"", bytes.escape_ascii());
        std::panic::resume_unwind(panic);
    }
}

/// One change of those that fuzzers make.
fn change(bytes: &mut Vec<u8>, files: &[Vec<u8>], dice: &mut Dice) {
    let at = dice.below(bytes.len() + 1);
    match dice.below(6) {
        0 => bytes.insert(at, dice.byte()),
        1 if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
        2 if at < bytes.len() => drop(bytes.remove(at)),
        3 => bytes.truncate(at),
        4 => {
            let other = &files[dice.below(files.len())];
            bytes.truncate(at);
            bytes.extend(&other[dice.below(other.len() + 1)..]);
        }
        _ => bytes.extend_from_within(at..),
    }
}

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn byte(&mut self) -> u8 {
        self.next() as u8
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(name)
}

fn names(of: &str) -> Vec<String> {
    let entries = fs::read_dir(folder(of)).expect("a folder");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name")).collect();
    names.sort();
    names
}

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let of = format!("corpus/{name}");
    names(&of).iter().map(|file| fs::read(folder(&of).join(file)).expect("a file")).collect()
}
