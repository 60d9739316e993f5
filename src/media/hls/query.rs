//! Which file of a stream's HLS is asked for, and what a playlist must have before it is answered (RFC 8216bis, 6.2.5).
//! It must not know what there is.

/// A file below a stream's HLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource {
    Master,
    Live,
    Poster,
    Init { run: u64 },
    Segment { run: u64, n: u64 },
    Part { run: u64, n: u64, k: u32 },
}

/// Digits of any number here; more is no number of ours.
const DIGITS_MAX: usize = 15;

impl Resource {
    /// Reads a path such as `1764142000000/7.2.m4s`, without a leading slash; none where there can be no such file.
    pub(crate) fn parse(path: &str) -> Option<Self> {
        match path {
            "master.m3u8" => return Some(Self::Master),
            "live.m3u8" => return Some(Self::Live),
            "poster.mp4" => return Some(Self::Poster),
            _ => {}
        }
        let (run, file) = path.split_once('/')?;
        let run = number(run)?;
        if file == "init.mp4" {
            return Some(Self::Init { run });
        }
        let name = file.strip_suffix(".m4s")?;
        match name.split_once('.') {
            None => Some(Self::Segment { run, n: number(name)? }),
            Some((n, k)) => Some(Self::Part { run, n: number(n)?, k: u32::try_from(number(k)?).ok()? }),
        }
    }
}

/// What a playlist must have before it is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// As it is.
    #[default]
    Now,
    /// This segment, whole, or a later one.
    Segment(u64),
    /// This part of that segment, or a later one.
    Part(u64, u32),
}

/// A query that asks for a part of no segment, for what is no number, or for two things at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("_HLS_msn and _HLS_part must be whole numbers, each given once, and a part has its segment")]
pub(crate) struct Malformed;

impl Wanted {
    /// Reads the query of a playlist's URL, without its question mark. Other names are left to others.
    pub(crate) fn parse(query: &str) -> Result<Self, Malformed> {
        let value = |wanted: &str| {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let mut values = pairs.filter(|(name, _)| *name == wanted).map(|(_, value)| value);
            match (values.next(), values.next()) {
                (None, _) => Ok(None),
                (Some(value), None) => number(value).map(Some).ok_or(Malformed),
                (Some(_), Some(_)) => Err(Malformed),
            }
        };
        match (value("_HLS_msn")?, value("_HLS_part")?) {
            (None, None) => Ok(Self::Now),
            (None, Some(_)) => Err(Malformed),
            (Some(msn), None) => Ok(Self::Segment(msn)),
            (Some(msn), Some(part)) => {
                u32::try_from(part).map(|part| Self::Part(msn, part)).map_err(|_| Malformed)
            }
        }
    }
}

/// What must hold of any text at all, for the fuzz target and the tests: a path that is read is written so and not otherwise, and
/// of a query that is read, no other is wanted by what it says.
///
/// # Panics
/// When that does not hold.
pub fn withstand_query(text: &str) {
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    if let Some(resource) = Resource::parse(path) {
        let written = match resource {
            Resource::Master => "master.m3u8".to_owned(),
            Resource::Live => "live.m3u8".to_owned(),
            Resource::Poster => "poster.mp4".to_owned(),
            Resource::Init { run } => format!("{run}/init.mp4"),
            Resource::Segment { run, n } => format!("{run}/{n}.m4s"),
            Resource::Part { run, n, k } => format!("{run}/{n}.{k}.m4s"),
        };
        assert_eq!(written, path);
    }
    let Ok(wanted) = Wanted::parse(query) else { return };
    let written = match wanted {
        Wanted::Now => String::new(),
        Wanted::Segment(n) => format!("_HLS_msn={n}"),
        Wanted::Part(n, k) => format!("_HLS_msn={n}&_HLS_part={k}"),
    };
    assert_eq!(Wanted::parse(&written), Ok(wanted));
    assert!(written.split('&').all(|pair| query.contains(pair)), "{query} is read as {written}");
}

/// A number as it is written here: digits alone, without a zero before others.
fn number(text: &str) -> Option<u64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() <= DIGITS_MAX;
    let is_shortest = text == "0" || !text.starts_with('0');
    if is_plain && is_shortest { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_playlists() {
        let read = ["master.m3u8", "live.m3u8", "poster.mp4", "17/init.mp4", "17/4.m4s", "17/4.0.m4s"];
        assert_eq!(
            read.map(|path| Resource::parse(path).unwrap()),
            [
                Resource::Master,
                Resource::Live,
                Resource::Poster,
                Resource::Init { run: 17 },
                Resource::Segment { run: 17, n: 4 },
                Resource::Part { run: 17, n: 4, k: 0 }
            ]
        );
        for wrong in
            ["", "/", "init.mp4", "x/init.mp4", "1/2", "1/.m4s", "1/01.m4s", "1/+1.m4s", "1/1.2.3.m4s"]
        {
            assert_eq!(Resource::parse(wrong), None, "{wrong}");
        }
        assert_eq!(Resource::parse("1234567890123456/init.mp4"), None);
        assert_eq!(Resource::parse("1/1.4294967296.m4s"), None);
    }

    #[test]
    fn a_query_says_what_to_wait_for() {
        assert_eq!(Wanted::parse(""), Ok(Wanted::Now));
        assert_eq!(Wanted::parse("a=b&c"), Ok(Wanted::Now));
        assert_eq!(Wanted::parse("_HLS_msn=7"), Ok(Wanted::Segment(7)));
        assert_eq!(Wanted::parse("x=1&_HLS_part=0&_HLS_msn=7&_HLS_skip=YES"), Ok(Wanted::Part(7, 0)));
        withstand_query("1/2.3.m4s?_HLS_part=0&_HLS_msn=7");
        for wrong in [
            "_HLS_part=1",
            "_HLS_msn=",
            "_HLS_msn=-1",
            "_HLS_msn=1&_HLS_part=x",
            "_HLS_msn=1e3",
            "_HLS_msn=5&_HLS_msn=x",
            "_HLS_msn=5&_HLS_msn=5",
        ] {
            assert_eq!(Wanted::parse(wrong), Err(Malformed), "{wrong}");
        }
    }
}
