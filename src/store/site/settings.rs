//! What an operator decides while servers run: one row, in which nothing said is what holds anyway.
//! It must not know what holds anyway, nor what a flag says.

use crate::{
    config::{Registration, StreamsBy},
    domain::text::style::Color,
    store::{connection::Conn, error::Result, schema::site_settings, transaction::Tx},
};
use diesel::prelude::*;

const SITE: &str = "site";

/// What was decided, and by which change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = site_settings)]
pub(crate) struct Decided {
    /// How many changes there were.
    pub version: i64,
    pub name: Option<String>,
    pub description: Option<String>,
    pub accent: Option<Color>,
    pub rules: Option<String>,
    pub registration: Option<Registration>,
    pub streams_by: Option<StreamsBy>,
    /// Which logo it has.
    pub logo_version: Option<String>,
}

/// What to decide anew; of each member, none leaves it as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Decision {
    pub name: Option<Option<String>>,
    pub description: Option<Option<String>>,
    pub accent: Option<Option<Color>>,
    pub rules: Option<Option<String>>,
    pub registration: Option<Option<Registration>>,
    pub streams_by: Option<Option<StreamsBy>>,
}

impl Decision {
    /// Which members it is about, by their names.
    pub(crate) fn members(&self) -> Vec<&'static str> {
        let all = [
            ("name", self.name.is_some()),
            ("description", self.description.is_some()),
            ("accent", self.accent.is_some()),
            ("rules", self.rules.is_some()),
            ("registration", self.registration.is_some()),
            ("streams_by", self.streams_by.is_some()),
        ];
        all.into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| name).collect()
    }
}

/// What was decided so far.
pub(crate) fn read(conn: &mut Conn) -> Result<Decided> {
    Ok(site_settings::table.find(SITE).select(Decided::as_select()).first(conn)?)
}

/// Decides anew; what holds then.
pub(crate) fn decide(tx: &mut Tx, new: &Decision) -> Result<Decided> {
    count_change(tx)?;
    let was = read(tx)?;
    let is = Decided {
        version: was.version,
        name: new.name.clone().unwrap_or(was.name),
        description: new.description.clone().unwrap_or(was.description),
        accent: new.accent.unwrap_or(was.accent),
        rules: new.rules.clone().unwrap_or(was.rules),
        registration: new.registration.unwrap_or(was.registration),
        streams_by: new.streams_by.unwrap_or(was.streams_by),
        logo_version: was.logo_version,
    };
    diesel::update(site_settings::table.find(SITE))
        .set((
            site_settings::name.eq(&is.name),
            site_settings::description.eq(&is.description),
            site_settings::accent.eq(is.accent.map(|color| color.to_string())),
            site_settings::rules.eq(&is.rules),
            site_settings::registration.eq(is.registration.map(Registration::as_str)),
            site_settings::streams_by.eq(is.streams_by.map(StreamsBy::as_str)),
        ))
        .execute(tx.conn())?;
    Ok(is)
}

/// Decides which logo it has; what holds then.
pub(super) fn decide_logo(tx: &mut Tx, version: Option<&str>) -> Result<Decided> {
    count_change(tx)?;
    diesel::update(site_settings::table.find(SITE))
        .set(site_settings::logo_version.eq(version))
        .execute(tx.conn())?;
    read(tx)
}

/// The row is held from here on, so that of two who decide at once neither undoes the other.
fn count_change(tx: &mut Tx) -> Result<()> {
    diesel::update(site_settings::table.find(SITE))
        .set(site_settings::version.eq(site_settings::version + 1))
        .execute(tx.conn())?;
    Ok(())
}
