//! What an operator should hear of requests that were refused or not believed because of how the site is set up: strangers
//! can bring it about, so each is one line a minute. It must not decide anything.

use crate::{config::ForwardedHeader, logging::OncePerMinute};
use actix_web::http::header::{self, HeaderMap, HeaderName};
use std::{net::IpAddr, time::Instant};

/// What is shown of a client's words, in characters.
const SHOWN_CHARS: usize = 200;

/// The lines of one server.
#[derive(Debug, Default)]
pub(crate) struct Warnings {
    foreign_page: OncePerMinute,
    unknown_proxy: OncePerMinute,
}

impl Warnings {
    /// A page of another origin was refused: perhaps it is the site's own, and a proxy hides that.
    pub(crate) fn foreign_page(&self, headers: &HeaderMap) {
        let Some(left_out) = self.foreign_page.due(Instant::now()) else { return };
        let shown = |name: &HeaderName| {
            let value = headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
            value.unwrap_or_default().chars().take(SHOWN_CHARS).collect::<String>()
        };
        log::warn!(
            "refused a page of origin {:?}, for the request is to host {:?}{}; if it is this site's page, set --public-url \
            or have the proxy pass Host; if it is a friend's, list it in --allowed-origins",
            shown(&header::ORIGIN),
            shown(&header::HOST),
            and_more(left_out),
        );
    }

    /// Somebody sends the header of a proxy and is none that is trusted: its addresses are not believed.
    pub(crate) fn unknown_proxy(&self, peer: IpAddr, header: ForwardedHeader) {
        let Some(left_out) = self.unknown_proxy.due(Instant::now()) else { return };
        log::warn!(
            "{peer} sends {header} and is not in --trusted-proxies, so it counts as one client{}",
            and_more(left_out)
        );
    }
}

fn and_more(left_out: u64) -> String {
    match left_out {
        0 => String::new(),
        left_out => format!(" (and {left_out} more since the last such line)"),
    }
}
