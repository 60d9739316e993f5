//! The two images of an account: which there are, and how large each is.
//! It must not know how an image is stored or coded.

use crate::domain::stream::words;
use sha2::{Digest, Sha256};

/// Bytes of a hash that tell one image of an account from the next.
const VERSION_BYTES: usize = 4;

words! {
    /// Which image of an account.
    pub(crate) ImageKind {
        /// The round one beside the name.
        Avatar = "avatar",
        /// The broad one at the head of the account's page.
        Cover = "cover",
    }
}

impl ImageKind {
    /// Width and height in pixels, of every image of the kind.
    pub(crate) fn size(self) -> (u32, u32) {
        match self {
            ImageKind::Avatar => (256, 256),
            ImageKind::Cover => (1500, 500),
        }
    }
}

/// An image as it is kept and served: a JPEG of the size of its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Image {
    pub bytes: Vec<u8>,
    /// Eight hexadecimal digits that the next image of the account does not have.
    pub version: String,
}

impl From<Vec<u8>> for Image {
    fn from(bytes: Vec<u8>) -> Self {
        let hash = Sha256::digest(&bytes);
        let version = data_encoding::HEXLOWER.encode(&hash[..VERSION_BYTES]);
        Self { bytes, version }
    }
}
