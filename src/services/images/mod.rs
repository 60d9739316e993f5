//! Where what accounts send becomes their images: off the threads that answer, a few at once.
//! It must not know whose image it is, nor where it is kept.

mod encode;
#[cfg(test)]
mod tests;
mod webp;

pub(crate) use encode::{PIXELS_MAX, SIDE_MAX, Unfit};

use crate::{
    domain::accounts::image::{Image, ImageKind},
    metrics::{Counted, Metrics},
};
use actix_web::web;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Decoded at once: each may take a quarter of a gigabyte, most of all a progressive JPEG.
const AT_ONCE: usize = 2;
/// How many more may wait for that.
const WAITING_MAX: usize = 8;

/// The name of the limit of those that are decoded or wait.
const LIMIT: &str = "IMAGES_AT_ONCE";

/// Why there is no image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotMade {
    Unfit(Unfit),
    /// As many are under way as may be.
    Busy,
}

/// Makes images. Cloning shares the limit.
#[derive(Clone)]
pub(crate) struct ImageMaker {
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
    metrics: Metrics,
}

impl ImageMaker {
    /// One with nothing to do.
    pub(crate) fn new(metrics: Metrics) -> Self {
        Self::with(AT_ONCE, WAITING_MAX, metrics)
    }

    fn with(at_once: usize, waiting: usize, metrics: Metrics) -> Self {
        let [places, turns] = [at_once + waiting, at_once].map(|count| Arc::new(Semaphore::new(count)));
        Self { places, turns, metrics }
    }

    /// The image of an account that these bytes are to become.
    pub(crate) async fn make(
        &self,
        bytes: impl AsRef<[u8]> + Send + 'static,
        kind: ImageKind,
    ) -> Result<Image, NotMade> {
        self.run(move || encode::encode(bytes.as_ref(), kind.size())).await.map(Image::from)
    }

    /// Work of which little is done at once. It goes on where nobody waits for it any more, and keeps its turn till then.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Unfit> + Send + 'static,
    ) -> Result<T, NotMade> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| self.busy())?;
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| NotMade::Busy)?;
        let under_way = Counted::one(&self.metrics.images_under_way);
        let done = web::block(move || {
            let _kept = (place, turn, under_way);
            work()
        });
        // Whatever makes a decoder panic is no image.
        done.await.unwrap_or(Err(Unfit::Malformed)).map_err(NotMade::Unfit)
    }

    fn busy(&self) -> NotMade {
        self.metrics.limit_hits.of(LIMIT).inc();
        NotMade::Busy
    }
}
