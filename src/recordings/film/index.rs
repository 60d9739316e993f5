//! What is where in the file of a run: 17 bytes for each segment, in a file beside it.
//! It must not know boxes, nor when something is written.

/// Bytes of one entry: where it begins (8), how many they are (4), how long it shows (4), and whether it begins with a keyframe.
pub(super) const ENTRY_BYTES: usize = 17;

/// A piece of a run that can be fetched by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Where in the file it begins.
    pub offset: u64,
    pub bytes: u32,
    /// How long it shows, in ticks of pictures: 90,000 a second.
    pub ticks: u32,
    /// Whether decoding can begin with it.
    pub is_key: bool,
}

impl Entry {
    /// Where the next one begins.
    pub(crate) fn end(&self) -> u64 {
        self.offset + u64::from(self.bytes)
    }

    /// How long it shows, in seconds.
    pub(crate) fn seconds(&self) -> f64 {
        f64::from(self.ticks) / f64::from(TICKS_A_SECOND)
    }

    /// As it is with another part behind it; none where there would be more than can be told.
    pub(super) fn with(self, part: &[u8], ticks: u32) -> Option<Self> {
        let bytes = self.bytes.checked_add(part.len().try_into().ok()?)?;
        Some(Self { bytes, ticks: self.ticks.checked_add(ticks)?, ..self })
    }

    pub(super) fn write(&self) -> [u8; ENTRY_BYTES] {
        let mut row = [0; ENTRY_BYTES];
        row[..8].copy_from_slice(&self.offset.to_be_bytes());
        row[8..12].copy_from_slice(&self.bytes.to_be_bytes());
        row[12..16].copy_from_slice(&self.ticks.to_be_bytes());
        row[16] = u8::from(self.is_key);
        row
    }

    fn read(row: &[u8; ENTRY_BYTES]) -> Self {
        let [a, b, c, d, e, f, g, h, bytes @ .., is_key] = *row;
        let [i, j, k, l, m, n, o, p] = bytes;
        Entry {
            offset: u64::from_be_bytes([a, b, c, d, e, f, g, h]),
            bytes: u32::from_be_bytes([i, j, k, l]),
            ticks: u32::from_be_bytes([m, n, o, p]),
            is_key: is_key != 0,
        }
    }
}

/// Ticks of pictures in a second.
pub(super) const TICKS_A_SECOND: u32 = 90_000;

/// The entries of an index; what is left behind the last whole one is none.
pub(crate) fn read(text: &[u8]) -> Vec<Entry> {
    let (rows, _cut) = text.as_chunks::<ENTRY_BYTES>();
    rows.iter().map(Entry::read).collect()
}

/// The text of an index.
pub(super) fn write(entries: &[Entry]) -> Vec<u8> {
    entries.iter().flat_map(Entry::write).collect()
}

/// How long all of them show, in milliseconds.
pub(crate) fn duration_ms(entries: &[Entry]) -> i64 {
    let ticks: i64 = entries.iter().map(|entry| i64::from(entry.ticks)).sum();
    ticks * 1000 / i64::from(TICKS_A_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_as_they_were_written_and_a_cut_one_is_left_out() {
        let entries: Vec<Entry> = (0_u32..3)
            .map(|number| Entry {
                offset: (1 << 40) + u64::from(number),
                bytes: number << 24 | 7,
                ticks: 180_000 + number,
                is_key: number != 1,
            })
            .collect();
        let text = write(&entries);
        assert_eq!(text.len(), 3 * ENTRY_BYTES);
        assert_eq!(read(&text), entries);
        assert_eq!(read(&text[..text.len() - 1]), entries[..2]);
        assert_eq!(read(&[]), []);
        assert_eq!(duration_ms(&entries), 6000);
    }
}
