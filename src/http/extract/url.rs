//! Paths and queries as domain types.
//! They must not tell a malformed id from one that does not exist: both are 404.

use crate::{
    domain::invalid::Invalid,
    http::Error,
    wire::{Refusal, read::complaint::Complaint},
};
use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use serde::de::{DeserializeOwned, value::Error as QueryError};
use std::future::{Ready, ready};
use url::form_urlencoded;

/// The variable parts of a path.
#[derive(Debug)]
pub(crate) struct Path<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Path<T> {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let path = web::Path::<T>::from_request(request, payload).into_inner();
        ready(path.map(|path| Path(path.into_inner())).map_err(|_| Error::not_found()))
    }
}

/// The parameters of a query; unknown ones are ignored. (`T` must not use `#[serde(flatten)]`: numbers would be lost.)
#[derive(Debug)]
pub(crate) struct Query<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Query<T> {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse(request.query_string()).map(Query))
    }
}

fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Error> {
    let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
    serde_path_to_error::deserialize(pairs).map_err(refusal)
}

fn refusal(error: serde_path_to_error::Error<QueryError>) -> Error {
    let path = error.path().to_string();
    let message = error.into_inner().to_string();
    if let Some(invalid) = Invalid::in_message(&message) {
        return Refusal::invalid_field(path, invalid.code, invalid.detail).into();
    }
    let complaint = Complaint::of(&message);
    let code = match complaint {
        Complaint::Missing(_) | Complaint::Duplicate(_) => complaint.code(),
        // In a query all is text: none is of a wrong type, only of a wrong form.
        _ => "invalid",
    };
    Refusal::invalid_field(complaint.member().unwrap_or(&path), code, message.clone()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{
            Status,
            cursor::{Cursor, Limit},
        },
        wire::Code,
    };
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    struct ListQuery {
        #[serde(default)]
        limit: Limit,
        #[serde(default)]
        cursor: Option<Cursor>,
        #[serde(default)]
        status: Option<Status>,
        #[serde(default)]
        after: Option<i64>,
    }

    #[test]
    fn a_query_is_read_and_strange_parameters_are_ignored() {
        let wanted: ListQuery = parse("limit=7&utm=x&status=live&after=12&x=%ff").unwrap();
        assert_eq!((wanted.limit.count(), wanted.after, wanted.cursor), (7, Some(12), None));
        assert_eq!(wanted.status, Some(Status::Live));
        assert_eq!(parse::<ListQuery>("").unwrap().limit.count(), 50);
    }

    #[test]
    fn the_refusal_names_the_parameter() {
        for (query, field) in [
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("limit=x", "limit"),
            ("limit=99999999999999999999", "limit"),
            ("cursor=zz!", "cursor"),
            ("cursor=", "cursor"),
            ("status=dead", "status"),
            ("after=1e9", "after"),
            ("limit=1&limit=2", "limit"),
        ] {
            let error = parse::<ListQuery>(query).unwrap_err();
            assert_eq!(error.code(), Code::InvalidField, "{query}");
            assert!(error.to_string().contains(field), "{query}: {error}");
        }
    }
}
