//! Chance, for what people do. It must not know what hangs on it.

/// The system's own, which it may fail to give.
pub(super) struct Dice;

impl Dice {
    /// More than 0, and at most 1.
    pub(super) fn share() -> anyhow::Result<f64> {
        Ok((f64::from(getrandom::u32()?) + 1.0) / (f64::from(u32::MAX) + 1.0))
    }

    /// One of `count` numbers from 0 on; 0 where there are none.
    pub(super) fn below(count: usize) -> anyhow::Result<usize> {
        Ok(getrandom::u64()? as usize % count.max(1))
    }

    pub(super) fn is_one_in(count: usize) -> anyhow::Result<bool> {
        Ok(Self::below(count)? == 0)
    }

    /// One of a list that is not empty.
    pub(super) fn pick<T>(list: &[T]) -> anyhow::Result<&T> {
        Ok(&list[Self::below(list.len())?])
    }
}
