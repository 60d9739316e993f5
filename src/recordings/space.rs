//! How much may still be kept: of the disk, of the site, of an account.
//! It must not know what is kept.

use super::film::disk::Disk;
use crate::{
    domain::{UserId, stream::picture::IngestWarning},
    store::{self, Conn, recordings},
};
use std::collections::HashMap;

/// At most so much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Bytes of all films on this node's disk, `--recordings-max-gb`.
    pub of_node: u64,
    /// Bytes of all films of one account.
    pub of_host: u64,
    /// Bytes that are left free on the disk.
    pub left_free: u64,
    /// Films that are older go, `--recordings-days`.
    pub days: u32,
}

/// Why nothing can be kept.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error("the disk is almost full, or the site keeps as much as its operator lets it")]
    NoSpace,
    #[error("the account keeps as much as it may")]
    Quota,
    #[error("{0}")]
    Disk(#[from] std::io::Error),
    #[error("{0}")]
    Store(#[from] store::Error),
}

impl Fault {
    /// As the host is told.
    pub(super) fn warning(&self) -> IngestWarning {
        match self {
            Fault::NoSpace => IngestWarning::RecordingNoSpace,
            Fault::Quota => IngestWarning::RecordingQuota,
            Fault::Disk(_) | Fault::Store(_) => IngestWarning::RecordingFailed,
        }
    }
}

/// What is kept, and may be.
#[derive(Debug)]
pub(super) struct Space {
    disk: Disk,
    limits: Limits,
    of_node: u64,
    of_hosts: HashMap<UserId, u64>,
}

impl Space {
    pub(super) fn new(disk: Disk, limits: Limits) -> Self {
        Self { disk, limits, of_node: 0, of_hosts: HashMap::new() }
    }

    /// Reads anew what is kept, of these hosts alone: others may have added to it, or deleted some.
    /// Errors: those of the store.
    pub(super) fn read(&mut self, conn: &mut Conn, node: &str, hosts: &[UserId]) -> store::Result<()> {
        let bytes = |bytes: i64| u64::try_from(bytes).unwrap_or(0);
        self.of_node = bytes(recordings::bytes_of_node(conn, node)?);
        let of_host = |host: &UserId| Ok((*host, bytes(recordings::bytes_of_host(conn, *host)?)));
        self.of_hosts = hosts.iter().map(of_host).collect::<store::Result<_>>()?;
        Ok(())
    }

    /// Whether there is a place for so many bytes more of a host.
    pub(super) fn admit(&self, host: UserId, bytes: u64) -> Result<(), Fault> {
        let is_full = self.disk.free_bytes().is_some_and(|free| free < self.limits.left_free + bytes);
        if is_full || self.of_node + bytes > self.limits.of_node {
            return Err(Fault::NoSpace);
        }
        let of_host = self.of_hosts.get(&host).copied().unwrap_or(0);
        if of_host + bytes > self.limits.of_host { Err(Fault::Quota) } else { Ok(()) }
    }

    /// So many bytes more of a host are kept.
    pub(super) fn add(&mut self, host: UserId, bytes: u64) {
        self.of_node += bytes;
        *self.of_hosts.entry(host).or_default() += bytes;
    }
}
