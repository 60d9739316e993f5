//! How much an offer may say: whoever reads and answers it compares lines with each other, so that many cost the square of them.
//! It must not know what a line means beyond its first letters.

use crate::media::handle::Refused;

/// One of pictures, one of sound.
const MEDIA_LINES_MAX: usize = 2;
/// Layers of simulcast; OBS sends up to four.
const LAYERS_MAX: usize = 4;
/// Of one m-line with what follows it, or of what comes before the first; browsers write up to 130.
const SECTION_LINES_MAX: usize = 300;
/// Of a whole offer; browsers write up to 170.
const LINES_MAX: usize = 600;
/// Of one line; browsers and encoders write up to 200.
const LINE_BYTES_MAX: usize = 2048;

/// Refuses what would cost more to answer than an offer is worth.
pub(super) fn check_size(offer: &str) -> Result<(), Refused> {
    let count = |start: &str| offer.lines().filter(|line| line.starts_with(start)).count();
    at_most("m-lines", MEDIA_LINES_MAX, count("m="))?;
    at_most("layers", LAYERS_MAX, count("a=rid:"))?;
    check_lines(offer)
}

/// The same of its lines alone, whatever they are.
pub(super) fn check_lines(offer: &str) -> Result<(), Refused> {
    at_most("lines", LINES_MAX, offer.lines().count())?;
    let mut in_section = 0;
    for line in offer.lines() {
        in_section = if line.starts_with("m=") { 1 } else { in_section + 1 };
        at_most("lines in one part", SECTION_LINES_MAX, in_section)?;
        at_most("bytes in one line", LINE_BYTES_MAX, line.len())?;
    }
    Ok(())
}

fn at_most(what: &str, most: usize, found: usize) -> Result<(), Refused> {
    match found > most {
        true => Err(Refused::Sdp(format!("more than {most} {what} are not taken"))),
        false => Ok(()),
    }
}
