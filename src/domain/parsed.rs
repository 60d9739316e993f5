//! What every text newtype has in common: made by its `parse` alone, read as `&str`, sent as a JSON string.
//! It must not know any rule of a single type.

use utoipa::openapi::{
    RefOr,
    schema::{ObjectBuilder, Schema, SchemaFormat, Type},
};

/// What the OpenAPI document says of a text. Lengths are counted as the type's own documentation says.
pub(crate) struct TextSchema {
    pub(crate) min_length: usize,
    pub(crate) max_length: usize,
    pub(crate) format: Option<&'static str>,
    pub(crate) description: &'static str,
}

impl TextSchema {
    pub(crate) fn build(self) -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(self.min_length))
            .max_length(Some(self.max_length))
            .format(self.format.map(|format| SchemaFormat::Custom(format.to_owned())))
            .description(Some(self.description))
            .into()
    }
}

/// Gives a type with `fn parse(&str) -> Result<Self, Invalid>` its conversions from text.
macro_rules! from_text {
    ($name:ident, $schema:expr) => {
        impl std::str::FromStr for $name {
            type Err = $crate::domain::invalid::Invalid;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl TryFrom<&str> for $name {
            type Error = $crate::domain::invalid::Invalid;
            fn try_from(text: &str) -> Result<Self, Self::Error> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::domain::invalid::Invalid;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                $schema.build()
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}
pub(crate) use from_text;

/// Gives a newtype around a `String` its conversions from and to text.
macro_rules! text_newtype {
    ($name:ident, $schema:expr) => {
        $crate::domain::parsed::from_text!($name, $schema);

        impl $name {
            /// The text as it is stored and sent.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The text, owned.
            pub fn into_string(self) -> String {
                self.0
            }

            /// Takes over what was parsed when it was stored: rules that became stricter do not touch old rows.
            pub fn from_stored(text: String) -> Self {
                Self(text)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> String {
                text.0
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
    };
}
pub(crate) use text_newtype;
