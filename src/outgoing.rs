//! HTTP clients of this program: no proxy of the environment, no redirect, and no authority that the machine must have. It must
//! not know whom they ask.

use reqwest::{ClientBuilder, redirect::Policy};
use std::sync::Arc;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// A client for this machine and the nodes of a house, which speak http: it trusts nobody's certificate.
pub(crate) fn within_the_house() -> ClientBuilder {
    trusting(RootCertStore::empty())
}

/// A client for anybody, who proves by a certificate who they are.
pub(crate) fn trusting(roots: impl Into<Arc<RootCertStore>>) -> ClientBuilder {
    let tls = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    reqwest::Client::builder().no_proxy().redirect(Policy::none()).tls_backend_preconfigured(tls)
}

/// Whom the machine trusts, or the certificates that `SSL_CERT_FILE` names; nobody where it has none.
pub(crate) fn authorities() -> Arc<RootCertStore> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    Arc::new(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_that_trusts_nobody_has_clients() {
        assert!(within_the_house().build().is_ok());
        assert!(trusting(RootCertStore::empty()).build().is_ok());
    }
}
