//! The words of serde: its errors carry a text alone, whose beginning says what is wrong with which member. They are known
//! here alone. It must not know where the input came from.

/// What a deserialiser finds wrong with a value, beside what our own types say of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Complaint<'a> {
    /// A member that must be there is not.
    Missing(&'a str),
    /// A member that nobody knows is.
    Unknown(&'a str),
    /// A member is there twice.
    Duplicate(&'a str),
    /// A value is of another type than its place.
    WrongType,
    /// It is wrong in some other way.
    Other,
}

impl<'a> Complaint<'a> {
    /// What a message says.
    pub(crate) fn of(message: &'a str) -> Self {
        let member_after = |words| message.strip_prefix(words)?.split('`').next();
        if let Some(member) = member_after("missing field `") {
            return Self::Missing(member);
        }
        if let Some(member) = member_after("unknown field `") {
            return Self::Unknown(member);
        }
        if let Some(member) = member_after("duplicate field `") {
            return Self::Duplicate(member);
        }
        if message.starts_with("invalid type: ") { Self::WrongType } else { Self::Other }
    }

    /// The member that the message names.
    pub(crate) fn member(self) -> Option<&'a str> {
        match self {
            Self::Missing(member) | Self::Unknown(member) | Self::Duplicate(member) => Some(member),
            Self::WrongType | Self::Other => None,
        }
    }

    /// The code for it in a refusal.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Missing(_) => "missing",
            Self::Unknown(_) => "unknown",
            Self::Duplicate(_) => "duplicate",
            Self::WrongType => "wrong_type",
            Self::Other => "invalid",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::{Error, Unexpected, value};

    /// Serde's own words, so that this fails where they change.
    #[test]
    fn every_complaint_of_serde_is_understood() {
        let said: [(value::Error, _); 6] = [
            (Error::missing_field("title"), Complaint::Missing("title")),
            (Error::unknown_field("x", &["title"]), Complaint::Unknown("x")),
            (Error::duplicate_field("title"), Complaint::Duplicate("title")),
            (Error::invalid_type(Unexpected::Bool(true), &"a string"), Complaint::WrongType),
            (Error::invalid_value(Unexpected::Signed(-1), &"a size"), Complaint::Other),
            (Error::custom("a missing field `x`"), Complaint::Other),
        ];
        for (error, complaint) in said {
            assert_eq!(Complaint::of(&error.to_string()), complaint, "{error}");
        }
    }
}
