//! The limits of the contract, their defaults, and the windows they count in.
//! It must not know how a limit is kept, nor what happens when it is reached.

use std::{num::NonZeroU32, time::Duration};

/// Milliseconds in which `COMMENTS_PER_USER` counts.
pub const COMMENTS_WINDOW_MS: i64 = 5_000;
/// Milliseconds in which `REACTIONS_PER_CONNECTION` counts.
pub const REACTIONS_WINDOW_MS: i64 = 5_000;
/// In which `LOGINS_PER_IP` counts.
pub const LOGINS_WINDOW: Duration = Duration::from_secs(60);
/// In which `REGISTRATIONS_PER_IP` counts.
pub const REGISTRATIONS_WINDOW: Duration = Duration::from_secs(3600);
/// In which `IMAGES_PER_USER` counts.
pub const IMAGES_WINDOW: Duration = Duration::from_secs(60);
/// Wrong keys of encoders from one address in [`INGEST_KEYS_WINDOW`]; no setting.
pub const WRONG_INGEST_KEYS_MAX: Cap = Cap::new(10);
/// In which wrong keys of encoders count.
pub const INGEST_KEYS_WINDOW: Duration = Duration::from_secs(60);
/// Wrong keys of accounts from one address in [`ACCOUNT_KEYS_WINDOW`]; no setting.
pub const WRONG_ACCOUNT_KEYS_MAX: Cap = Cap::new(10);
/// In which wrong keys of accounts count.
pub const ACCOUNT_KEYS_WINDOW: Duration = Duration::from_secs(60);
/// Tests of webhooks of one account in [`WEBHOOK_TESTS_WINDOW`]; no setting.
pub const WEBHOOK_TESTS_MAX: Cap = Cap::new(10);
/// In which tests of webhooks count.
pub const WEBHOOK_TESTS_WINDOW: Duration = Duration::from_secs(60);
/// How many times `FRAMES_PER_CONNECTION` may come at once.
pub const FRAMES_BURST_FACTOR: u32 = 2;
/// Fragments of one message.
pub const FRAGMENTS_MAX: usize = 64;

/// What the key of a limit begins with.
pub(super) const LIMIT_PREFIX: &str = "limits_";

/// The key of a limit by its name.
pub(super) fn limit_key(name: &str) -> String {
    format!("{LIMIT_PREFIX}{name}")
}

/// A limit by count that can be lifted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cap(Option<NonZeroU32>);

impl Cap {
    /// A limit that the operator has lifted.
    pub const LIFTED: Cap = Cap(None);

    /// At most `count`; 0 lifts the limit.
    pub const fn new(count: u32) -> Cap {
        Cap(NonZeroU32::new(count))
    }

    /// The limit, `None` where it is lifted.
    pub fn limit(self) -> Option<u32> {
        self.0.map(NonZeroU32::get)
    }

    /// Whether `count` things are within the limit.
    pub fn allows(self, count: u64) -> bool {
        self.0.is_none_or(|limit| count <= u64::from(limit.get()))
    }
}

macro_rules! limits {
    (counts { $($(#[$cdoc:meta])* $count:ident = $cdefault:literal,)+ }
     bytes { $($(#[$bdoc:meta])* $bytes:ident = $bdefault:literal,)+ }) => {
        /// Every limit, resolved.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Limits {
            $($(#[$cdoc])* pub $count: Cap,)+
            $($(#[$bdoc])* pub $bytes: usize,)+
            /// Whether `--limits off` has lifted all of them but the byte limits.
            pub lifted: bool,
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($count: Cap::new($cdefault),)+ $($bytes: $bdefault,)+ lifted: false }
            }
        }

        impl Limits {
            /// The names of all limits, as keys of the configuration without their prefix.
            pub(super) const NAMES: &[&str] = &[$(stringify!($count),)+ $(stringify!($bytes),)+];

            /// Reads each limit with the reader of its kind, which is given name and default.
            pub(super) fn read<E>(
                count: impl Fn(&str, Cap) -> Result<Cap, E>,
                bytes: impl Fn(&str, usize) -> Result<usize, E>,
            ) -> Result<Limits, E> {
                let default = Limits::default();
                Ok(Limits {
                    $($count: count(stringify!($count), default.$count)?,)+
                    $($bytes: bytes(stringify!($bytes), default.$bytes)?,)+
                    lifted: false,
                })
            }

            /// These, with every limit lifted but the byte limits.
            pub fn lift(self) -> Limits {
                Limits { $($count: Cap::LIFTED,)+ lifted: true, ..self }
            }

            /// Names and numbers, in the order of the contract; 0 is lifted.
            pub fn listed(&self) -> Vec<(&'static str, u64)> {
                vec![
                    $((stringify!($count), u64::from(self.$count.limit().unwrap_or(0))),)+
                    $((stringify!($bytes), self.$bytes as u64),)+
                ]
            }
        }
    };
}

limits! {
    counts {
        /// Comments in [`COMMENTS_WINDOW_MS`], an account and room.
        comments_per_user = 5,
        /// Comments shown a second, a room.
        room_comments_per_second = 200,
        /// Reactions in [`REACTIONS_WINDOW_MS`], a connection.
        reactions_per_connection = 20,
        /// Frames a second, a connection; [`FRAMES_BURST_FACTOR`] times as many at once.
        frames_per_connection = 20,
        /// Open connections, an address.
        connections_per_ip = 256,
        /// Open connections, an account.
        connections_per_user = 16,
        /// Open connections, the server.
        connections = 100_000,
        /// Failed logins before the waits begin, an account and address.
        logins_per_account = 5,
        /// Logins in [`LOGINS_WINDOW`], an address.
        logins_per_ip = 30,
        /// Registrations in [`REGISTRATIONS_WINDOW`], an address.
        registrations_per_ip = 10,
        /// Avatars and covers sent in [`IMAGES_WINDOW`], an account.
        images_per_user = 10,
        /// Events a resuming viewer may be behind.
        resume_events = 100_000,
        /// Sources of pictures at once.
        publishers = 50,
        /// Viewers of pictures by WebRTC at once.
        media_viewers = 1_000,
        /// The same from one address.
        media_viewers_per_ip = 32,
        /// Offers to send or see a picture in a minute, an address.
        media_offers_per_ip = 30,
        /// Kilobits a second of one source, before its host is warned.
        ingest_kbps = 12_000,
    }
    bytes {
        /// Bytes of one message from a client, fragments together.
        frame_bytes = 16_384,
        /// Bytes of the body of a request.
        body_bytes = 65_536,
        /// Bytes a viewer may be behind.
        outbox_bytes = 1_048_576,
        /// Bytes of one coded picture.
        access_unit_bytes = 2_097_152,
        /// Bytes of a picture that are kept since its last keyframe, for who joins.
        gop_bytes = 8_388_608,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cap_of_zero_is_lifted() {
        assert_eq!(Cap::new(0), Cap::LIFTED);
        assert!(Cap::LIFTED.allows(u64::MAX));
        assert!(Cap::new(5).allows(5));
        assert!(!Cap::new(5).allows(6));
    }

    #[test]
    fn lifting_all_limits_keeps_those_in_bytes() {
        let lifted = Limits { frame_bytes: 99, ..Limits::default() }.lift();
        assert!(lifted.lifted);
        let kept: Vec<_> = lifted.listed().into_iter().filter(|&(_, limit)| limit > 0).collect();
        assert_eq!(kept[..3], [("frame_bytes", 99), ("body_bytes", 65_536), ("outbox_bytes", 1_048_576)]);
        assert_eq!(kept[3..], [("access_unit_bytes", 2_097_152), ("gop_bytes", 8_388_608)]);
    }
}
