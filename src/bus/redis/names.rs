//! What channels and keys are called. Each begins with the house, for others may use the same Redis, whatever the number of
//! their database: pub/sub knows none. It must not know what is said or kept there.

use crate::{
    bus::Topic,
    domain::{BootId, StreamId},
};
use std::fmt::Display;

/// The names of one house.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    /// What all of them begin with, as in `lh:<house>:`.
    prefix: String,
}

/// What a channel is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Channel {
    /// What nodes say to each other.
    Of(Topic),
    /// What one node says to itself, to know whether it hears.
    Own,
}

impl Names {
    /// Those of the house with this id.
    pub(crate) fn of(house: &str) -> Self {
        Self { prefix: format!("lh:{house}:") }
    }

    /// The key, or channel, of something in this house.
    pub(crate) fn key(&self, of: impl Display) -> String {
        format!("{}{of}", self.prefix)
    }

    pub(super) fn channel(&self, topic: Topic) -> String {
        match topic {
            Topic::Stream(stream) => self.key(format_args!("s:{stream}")),
            Topic::House => self.key("all"),
        }
    }

    pub(super) fn own(&self, boot: BootId) -> String {
        self.key(format_args!("n:{boot}"))
    }

    /// What a channel is for; none where it is not one of ours.
    pub(super) fn read(&self, channel: &[u8]) -> Option<Channel> {
        let name = std::str::from_utf8(channel).ok()?.strip_prefix(&self.prefix)?;
        match name.split_once(':') {
            None if name == "all" => Some(Channel::Of(Topic::House)),
            Some(("s", stream)) => Some(Channel::Of(Topic::Stream(stream.parse::<StreamId>().ok()?))),
            Some(("n", _)) => Some(Channel::Own),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_read_back_in_their_own_house_alone() {
        let (names, others) = (Names::of("a1b2c3d4"), Names::of("a1b2c3d5"));
        let stream = Topic::Stream(StreamId::new());
        let all = [
            (names.channel(stream), Channel::Of(stream)),
            (names.channel(Topic::House), Channel::Of(Topic::House)),
            (names.own(BootId::new()), Channel::Own),
        ];
        for (name, channel) in all {
            assert!(name.starts_with("lh:a1b2c3d4:"), "{name}");
            assert_eq!(names.read(name.as_bytes()), Some(channel));
            assert_eq!(others.read(name.as_bytes()), None);
        }
        for odd in ["lh:a1b2c3d4:s:x", "lh:a1b2c3d4:", "lh:a1b2c3d4:x:y", "all", ""] {
            assert_eq!(names.read(odd.as_bytes()), None, "{odd}");
        }
        assert_eq!(names.read(b"\xff"), None);
    }
}
