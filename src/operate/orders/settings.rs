//! What the site is called and whom it lets in: decided for all nodes.
//! It must not know what a flag says.

use super::{By, Result};
use crate::{
    config::{Registration, StreamsBy},
    domain::{
        Millis,
        accounts::image::Image,
        text::{SiteDescription, SiteName, SiteRules},
    },
    store::{
        Tx,
        site::{
            logo,
            settings::{self, Decided, Decision},
        },
    },
};
use std::{fmt, str::FromStr};

/// Decides anew; what was decided then.
pub(crate) fn decide(tx: &mut Tx<'_>, by: &By, decision: &Decision) -> Result<Decided> {
    by.record(tx, "site.settings", decision.members().join(" "))?;
    Ok(settings::decide(tx, decision)?)
}

/// Gives the site a logo, or takes it away; what was decided then.
pub(crate) fn decide_logo(tx: &mut Tx<'_>, by: &By, logo: Option<&Image>, now: Millis) -> Result<Decided> {
    by.record(tx, if logo.is_some() { "site.logo" } else { "site.logo.remove" }, String::new())?;
    Ok(logo::decide(tx, logo, now)?)
}

/// To decide one setting by its name, or that it is as usual, where there is no value.
/// Errors: What is allowed.
pub(in crate::operate) fn one(name: &str, value: Option<&str>) -> std::result::Result<Decision, String> {
    let mut decision = Decision::default();
    match name {
        "name" => decision.name = Some(parsed::<SiteName>(value)?.map(String::from)),
        "description" => decision.description = Some(parsed::<SiteDescription>(value)?.map(String::from)),
        "accent" => decision.accent = Some(said(value, "#rrggbb")?),
        "rules" => decision.rules = Some(parsed::<SiteRules>(value)?.map(String::from)),
        "registration" => decision.registration = Some(said(value, &words(Registration::ALL))?),
        "streams_by" => decision.streams_by = Some(said(value, &words(StreamsBy::ALL))?),
        _ => {
            return Err("settings are: name, description, accent, rules, registration, streams_by".to_owned());
        }
    }
    Ok(decision)
}

fn parsed<T: FromStr<Err: fmt::Display>>(value: Option<&str>) -> std::result::Result<Option<T>, String> {
    value.map(|text| text.parse().map_err(|refused: T::Err| refused.to_string())).transpose()
}

fn said<T: FromStr>(value: Option<&str>, allowed: &str) -> std::result::Result<Option<T>, String> {
    value.map(|text| text.parse().map_err(|_| format!("allowed: {allowed}"))).transpose()
}

fn words<T: fmt::Display>(all: &[T]) -> String {
    all.iter().map(T::to_string).collect::<Vec<_>>().join(" or ")
}
