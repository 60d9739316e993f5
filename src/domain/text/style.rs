//! How a comment flies over the picture. It must not know how it is drawn.

use crate::domain::stream::{UnknownWord, words};
use serde::{Deserialize, Serialize, de};
use utoipa::ToSchema;

words! {
    /// Where a comment flies.
    pub Mode {
        /// From right to left.
        Scroll = "scroll",
        /// Still, at the top.
        Top = "top",
        /// Still, at the bottom.
        Bottom = "bottom",
    }
}

words! {
    /// How large a comment is drawn.
    pub Size {
        /// Smaller than usual.
        Small = "small",
        /// As large as usual.
        Normal = "normal",
        /// Larger than usual.
        Large = "large",
    }
}

/// A colour, `#rrggbb` in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(into = "String")]
#[schema(value_type = String, pattern = "^#[0-9a-fA-F]{6}$")]
pub struct Color(pub u32);

impl Color {
    pub const WHITE: Color = Color(0xff_ff_ff);
}

impl From<Color> for String {
    fn from(color: Color) -> String {
        color.to_string()
    }
}

impl std::fmt::Display for Color {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{:06x}", self.0)
    }
}

impl std::str::FromStr for Color {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let hex =
            text.strip_prefix('#').filter(|hex| hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()));
        let value = hex.and_then(|hex| u32::from_str_radix(hex, 16).ok());
        value.map(Color).ok_or(UnknownWord)
    }
}

impl<'de> Deserialize<'de> for Color {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(|_| de::Error::custom("a colour is #rrggbb"))
    }
}

/// The style of a comment; on input each member may be left out, or null.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(from = "Given", deny_unknown_fields)]
pub struct Style {
    /// Where it flies.
    #[schema(required = false)]
    pub mode: Mode,
    /// The colour it has.
    #[schema(required = false)]
    pub color: Color,
    /// How large it is.
    #[schema(required = false)]
    pub size: Size,
}

/// A style as it is sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    mode: Option<Mode>,
    color: Option<Color>,
    size: Option<Size>,
}

impl From<Given> for Style {
    fn from(Given { mode, color, size }: Given) -> Self {
        Self {
            mode: mode.unwrap_or(Mode::Scroll),
            color: color.unwrap_or(Color::WHITE),
            size: size.unwrap_or(Size::Normal),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_left_out_take_their_defaults() {
        let style: Style = serde_json::from_str(r##"{"color":"#FF00aa"}"##).unwrap();
        assert_eq!(style, Style { mode: Mode::Scroll, color: Color(0xff00aa), size: Size::Normal });
        assert_eq!(serde_json::to_value(style).unwrap()["color"], "#ff00aa");
        assert!(serde_json::from_str::<Style>(r#"{"mode":"top","weight":1}"#).is_err());
        let nulls: Style = serde_json::from_str(r#"{"mode":null,"color":null,"size":null}"#).unwrap();
        assert_eq!(nulls, Style { mode: Mode::Scroll, color: Color::WHITE, size: Size::Normal });
    }

    #[test]
    fn a_colour_is_six_hex_digits() {
        for bad in ["\"ff00aa\"", "\"#ff00a\"", "\"#ff00aaa\"", "\"#+f00aa\"", "\"red\"", "1", "null"] {
            assert!(serde_json::from_str::<Color>(bad).is_err(), "{bad} was accepted");
        }
    }
}
