//! Which layer of a simulcast is forwarded: the one with the most bytes.
//! It must not know what is in a layer, nor read the clock.

use str0m::rtp::Ssrc;

/// Another layer must have so much more, in hundredths, to be taken instead.
const MUCH_MORE: u64 = 130;

/// The layers of one publisher's pictures.
#[derive(Debug, Default)]
pub(super) struct Layers {
    /// With the bytes of the current second.
    layers: Vec<(Ssrc, u64)>,
    forwarded: Option<Ssrc>,
}

impl Layers {
    /// Counts a packet; says whether it is of the layer that is forwarded.
    pub(super) fn count(&mut self, layer: Ssrc, bytes: usize) -> bool {
        match self.layers.iter_mut().find(|(ssrc, _)| *ssrc == layer) {
            Some((_, counted)) => *counted += bytes as u64,
            None => self.layers.push((layer, bytes as u64)),
        }
        *self.forwarded.get_or_insert(layer) == layer
    }

    /// The layer that is forwarded.
    pub(super) fn forwarded(&self) -> Option<Ssrc> {
        self.forwarded
    }

    /// A second is over: says whether another layer is forwarded from now on.
    pub(super) fn choose(&mut self) -> bool {
        let most = self.layers.iter().max_by_key(|(_, bytes)| *bytes).copied();
        let forwarded = self.forwarded.and_then(|ssrc| self.layers.iter().find(|(layer, _)| *layer == ssrc));
        let bytes = forwarded.map_or(0, |(_, bytes)| *bytes);
        let better =
            most.filter(|(ssrc, most)| Some(*ssrc) != self.forwarded && most * 100 > bytes * MUCH_MORE);
        self.layers.clear();
        if let Some((ssrc, _)) = better {
            self.forwarded = Some(ssrc);
        }
        better.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_layer_is_forwarded_and_stays_until_another_is_much_larger() {
        let (small, large): (Ssrc, Ssrc) = (1.into(), 2.into());
        let mut layers = Layers::default();
        assert!(layers.count(small, 1000), "the first that comes");
        assert!(!layers.count(large, 1200));
        assert!(!layers.choose());
        layers.count(small, 1000);
        layers.count(large, 4000);
        assert!(layers.choose());
        assert!(layers.count(large, 4000) && !layers.count(small, 1000));
        assert!(!layers.choose());
        layers.count(small, 1000);
        assert!(layers.choose(), "the large one has ended");
        assert_eq!(layers.forwarded(), Some(small));
    }
}
